//! Recipes: how the machine's own base images are made of Debian's packages.

mod all;
mod build;
mod check;
mod digest;
mod version;

use super::{Image, Reference, Store};
use crate::{Error, ErrorKind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use all::{Event, build_all, select};
pub use build::{Progress, build};

/// The label that says of which recipe an image was built, so that an unchanged one is not built again.
pub const RECIPE_LABEL: &str = "org.lernhafen.recipe";

/// `from`: nothing at all is below the image, as in a Dockerfile.
const SCRATCH: &str = "scratch";

/// `images/<name>/recipe.toml`. `images/README.md` explains it to those who write one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The names that the image gets; the first is the one that it is known by.
    pub name: Vec<String>,
    /// What it is, in a sentence for learners: `docker search` shows it.
    #[serde(default)]
    pub description: String,
    /// The image that this one lies on: either this, or `suite` and `variant`.
    from: Option<String>,
    /// Debian's release.
    suite: Option<String>,
    variant: Option<Variant>,
    #[serde(default)]
    pub packages: Vec<String>,
    /// The package whose version is the image's.
    pub version: Option<String>,
    /// Flavours (`slim`) that the image's tags name in addition.
    #[serde(default)]
    pub flavours: Vec<String>,
    /// Paths that `dpkg` does not unpack.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Exceptions from `exclude`.
    #[serde(default)]
    pub keep: Vec<String>,
    /// A program beside the recipe that is run before the packages are there, with the image's root as its only argument.
    pub prepare: Option<String>,
    /// A directory beside the recipe that is copied over the image's root.
    pub files: Option<String>,
    /// A program beside the recipe that is run at the end, with the image's root as its only argument.
    pub setup: Option<String>,
    /// Paths that the image does not have in the end; `*` stands for any name or part of one.
    #[serde(default)]
    pub remove: Vec<String>,
    #[serde(default)]
    pub entrypoint: Vec<String>,
    #[serde(default)]
    pub cmd: Vec<String>,
    /// `NAME=value`.
    #[serde(default)]
    pub env: Vec<String>,
    #[serde(default)]
    pub working_dir: String,
    #[serde(default)]
    pub user: String,
    /// `80/tcp`.
    #[serde(default)]
    pub expose: Vec<String>,
    #[serde(default)]
    pub volumes: Vec<String>,
    pub stop_signal: Option<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(skip)]
    dir: PathBuf,
}

/// What `mmdebstrap` starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// The files of the packages, and nothing else.
    Extract,
    /// A Debian with as little as it works with.
    Minbase,
}

/// What an image is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base<'a> {
    /// Nothing: `mmdebstrap` makes all of it.
    Packages { suite: &'a str, variant: Variant },
    /// Nothing: the recipe's own files are all of it.
    Scratch,
    /// The layers of another image.
    Image(&'a str),
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Extract => "extract",
            Self::Minbase => "minbase",
        }
    }
}

impl Recipe {
    /// Reads `<dir>/recipe.toml`.
    ///
    /// # Errors
    /// It isn't there, or says something that can't be: the message names the place.
    pub fn load(dir: &Path) -> Result<Self> {
        let path = dir.join("recipe.toml");
        let wrong = |e: &dyn std::fmt::Display| Error::invalid(format!("{}: {e}", path.display()));
        let text = std::fs::read_to_string(&path).map_err(|e| wrong(&e))?;
        let mut recipe: Self = toml::from_str(&text).map_err(|e| wrong(&e))?;
        // A script that is run elsewhere needs absolute paths.
        recipe.dir = dir.canonicalize().map_err(|e| wrong(&e))?;
        recipe.check().map_err(|e| wrong(&e))?;
        Ok(recipe)
    }

    /// Reads all recipes of a directory, in the order of their directories' names; or the one that it is itself.
    ///
    /// # Errors
    /// There is none, or one of them is wrong.
    pub fn load_all(dir: &Path) -> Result<Vec<Self>> {
        let is_recipe = |path: &Path| path.join("recipe.toml").exists();
        if is_recipe(dir) {
            return Ok(vec![Self::load(dir)?]);
        }
        let cannot = |e: std::io::Error| Error::invalid(format!("{}: {e}", dir.display()));
        let entries = std::fs::read_dir(dir).map_err(cannot)?;
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>().map_err(cannot)?;
        paths.retain(|path| is_recipe(path));
        paths.sort();
        if paths.is_empty() {
            return Err(Error::invalid(format!("{} has no recipes (<name>/recipe.toml)", dir.display())));
        }
        paths.iter().map(|path| Self::load(path)).collect()
    }

    /// The name of its directory, by which people pick it.
    pub fn title(&self) -> &str {
        self.dir.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Whether the catalogue has the image just as this recipe makes it of the base that is there now. One of the same name that
    /// was not built here at all is nothing to replace.
    ///
    /// # Errors
    /// The recipe's files or the store can't be read.
    pub fn is_built(&self, store: &Store) -> Result<bool> {
        let base = match self.base_image(store) {
            Ok(base) => base,
            Err(e) if e.kind == ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(e),
        };
        let digest = digest::of(self, base.as_ref())?;
        for name in &self.name {
            let image = match store.image(&super::Owner::Catalogue, name) {
                Ok(image) => image,
                Err(e) if e.kind == ErrorKind::NotFound => return Ok(false),
                Err(e) => return Err(e),
            };
            let built = image.config.config.labels.as_ref().and_then(|labels| labels.get(RECIPE_LABEL));
            if built.is_some_and(|built| *built != digest) || !store.keeps_archives(&image)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The image that it is built on, as the catalogue has it.
    fn base_image(&self, store: &Store) -> Result<Option<Image>> {
        match self.base()? {
            Base::Image(name) => store.image(&super::Owner::Catalogue, name).map(Some),
            Base::Packages { .. } | Base::Scratch => Ok(None),
        }
    }

    fn base(&self) -> Result<Base<'_>> {
        match (self.from.as_deref(), self.suite.as_deref(), self.variant) {
            (Some(SCRATCH), None, None) => Ok(Base::Scratch),
            (Some(name), None, None) => Ok(Base::Image(name)),
            (None, Some(suite), Some(variant)) => Ok(Base::Packages { suite, variant }),
            _ => Err(Error::invalid("an image needs either `from`, or `suite` and `variant`")),
        }
    }

    fn references(&self) -> Result<Vec<Reference>> {
        self.name.iter().map(|name| Reference::parse(name)).collect()
    }
}

#[cfg(test)]
mod tests;
