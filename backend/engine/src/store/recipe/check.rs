//! What a recipe may say.

use super::{Base, Recipe};
use crate::store::Reference;
use crate::{Error, Result};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

impl Recipe {
    pub(super) fn check(&self) -> Result<()> {
        if self.name.is_empty() {
            return Err(Error::invalid("`name` is empty: an image needs at least one"));
        }
        self.references()?;
        self.check_base()?;
        for word in self.packages.iter().chain(&self.version) {
            check_word(word)?;
        }
        let paths = self.exclude.iter().chain(&self.keep).chain(&self.remove).chain(&self.volumes);
        for path in paths.chain(Some(&self.working_dir).filter(|path| !path.is_empty())) {
            if !path.starts_with('/') || path.contains(['\n', '\'']) {
                return Err(Error::invalid(format!("`{path}` is no absolute path")));
            }
        }
        for port in &self.expose {
            let number = port.strip_suffix("/tcp").or_else(|| port.strip_suffix("/udp"));
            if number.and_then(|number| number.parse::<u16>().ok()).is_none_or(|number| number == 0) {
                return Err(Error::invalid(format!("`{port}` is no port, as 80/tcp is")));
            }
        }
        if !self.flavours.is_empty() && self.version.is_none() {
            return Err(Error::invalid("`flavours` are tags beside those of a `version`, which is missing"));
        }
        if let Some(files) = self.files()?
            && !files.is_dir()
        {
            return Err(Error::invalid(format!("`files`: there is no directory {}", files.display())));
        }
        for (key, program) in [("prepare", self.prepare()?), ("setup", self.setup()?)] {
            let Some(program) = program else { continue };
            let mode = program.metadata().map(|metadata| metadata.permissions().mode()).unwrap_or_default();
            if mode & 0o111 == 0 {
                return Err(Error::invalid(format!("`{key}`: {} is no program that can be run", program.display())));
            }
        }
        Ok(())
    }

    fn check_base(&self) -> Result<()> {
        match self.base()? {
            Base::Packages { suite, .. } if self.prepare.is_some() => {
                Err(Error::invalid(format!("`prepare`: there is nothing to prepare before {suite} is there")))
            }
            Base::Packages { suite, .. } => check_word(suite),
            Base::Scratch if !self.packages.is_empty() => {
                Err(Error::invalid("`packages`: there is no dpkg in `scratch` to install them"))
            }
            Base::Scratch => Ok(()),
            Base::Image(name) => Reference::parse(name).map(|_| ()),
        }
    }

    pub(super) fn prepare(&self) -> Result<Option<PathBuf>> {
        self.prepare.as_deref().map(|name| self.beside(name)).transpose()
    }

    pub(super) fn files(&self) -> Result<Option<PathBuf>> {
        self.files.as_deref().map(|name| self.beside(name)).transpose()
    }

    pub(super) fn setup(&self) -> Result<Option<PathBuf>> {
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

/// They become words of a command line.
fn check_word(word: &str) -> Result<()> {
    if word.is_empty() || word.starts_with('-') || word.contains([',', ' ', '\n']) {
        return Err(Error::invalid(format!("`{word}` is neither a release nor a package")));
    }
    Ok(())
}
