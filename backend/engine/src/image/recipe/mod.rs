//! Recipes: how the machine's own base images are made of Debian's packages.

mod build;
mod digest;

use super::{Reference, Store};
use crate::{Error, ErrorKind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

pub use build::{Progress, build};

/// The label that says of which recipe an image was built, so that an unchanged one is not built again.
pub const RECIPE_LABEL: &str = "org.lernhafen.recipe";

/// `images/<name>/recipe.toml`. `images/README.md` explains it to those who write one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The names that the image gets; the first is the one that it is known by.
    pub name: Vec<String>,
    /// Debian's release.
    pub suite: String,
    pub variant: Variant,
    #[serde(default)]
    pub packages: Vec<String>,
    /// Paths that `dpkg` does not unpack.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Exceptions from `exclude`.
    #[serde(default)]
    pub keep: Vec<String>,
    /// A directory beside the recipe that is copied over the image's root.
    pub files: Option<String>,
    /// A program beside the recipe that is run with the image's root as its only argument.
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

    /// Whether the catalogue has the image just as this recipe makes it.
    ///
    /// # Errors
    /// The recipe's files or the store can't be read.
    pub fn is_built(&self, store: &Store) -> Result<bool> {
        let digest = digest::of(self)?;
        for name in &self.name {
            let image = match store.image(super::store::CATALOGUE, name) {
                Ok(image) => image,
                Err(e) if e.kind == ErrorKind::NotFound => return Ok(false),
                Err(e) => return Err(e),
            };
            let built = image.config.config.labels.as_ref().and_then(|labels| labels.get(RECIPE_LABEL));
            if built != Some(&digest) || !store.keeps_archives(&image)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn check(&self) -> Result<()> {
        if self.name.is_empty() {
            return Err(Error::invalid("`name` is empty: an image needs at least one"));
        }
        self.references()?;
        let words = std::iter::once(&self.suite).chain(&self.packages);
        for word in words {
            if word.is_empty() || word.starts_with('-') || word.contains([',', ' ']) {
                return Err(Error::invalid(format!("`{word}` is neither a release nor a package")));
            }
        }
        for path in self.exclude.iter().chain(&self.keep).chain(&self.remove) {
            if !path.starts_with('/') || path.contains(['\n', '\'']) {
                return Err(Error::invalid(format!("`{path}` is no absolute path")));
            }
        }
        if let Some(files) = self.files()?
            && !files.is_dir()
        {
            return Err(Error::invalid(format!("`files`: there is no directory {}", files.display())));
        }
        if let Some(setup) = self.setup()? {
            let mode = setup.metadata().map(|metadata| metadata.permissions().mode()).unwrap_or_default();
            if mode & 0o111 == 0 {
                return Err(Error::invalid(format!("`setup`: {} is no program that can be run", setup.display())));
            }
        }
        Ok(())
    }

    fn references(&self) -> Result<Vec<Reference>> {
        self.name.iter().map(|name| Reference::parse(name)).collect()
    }

    fn files(&self) -> Result<Option<PathBuf>> {
        self.files.as_deref().map(|name| self.beside(name)).transpose()
    }

    fn setup(&self) -> Result<Option<PathBuf>> {
        self.setup.as_deref().map(|name| self.beside(name)).transpose()
    }

    fn beside(&self, name: &str) -> Result<PathBuf> {
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if name.is_empty() || !inside {
            return Err(Error::invalid(format!("`{name}` is not beside the recipe")));
        }
        Ok(self.dir.join(name))
    }
}

#[cfg(test)]
mod tests;
