//! `docker load`: an archive of images comes in, which it is read once for, whatever the order in it.
//!
//! First everything is taken in (`intake`): layers are unpacked while they come, as the documents that name them mostly come last.
//! Then the documents say what the images are, Docker's (`manifest.json`) or else OCI's (`index.json`). Only when all of them are
//! complete does the host get any.

mod entry;
mod intake;
mod oci;

use super::archive::Limits;
use super::layout::{self, ManifestItem};
use super::register::Names;
use super::{ImageConfig, Platform, Reference, Store, digest};
use crate::{Error, Result};
use intake::Intake;
use std::io::Read;

/// What there is to tell of a load, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// So many bytes of an entry that is a layer have come.
    Layer { id: String, current: u64, total: u64 },
    /// The tag was another image's, of that id.
    Renamed { name: String, old: String },
    /// An image is there, under that name.
    Named { id: String, name: String },
    /// An image is there.
    Image { id: String },
    /// The images' ids, where no name says it.
    Ids(Vec<String>),
}

/// An image as the archive's documents describe it, complete.
struct Described {
    document: Vec<u8>,
    config: ImageConfig,
    names: Vec<Reference>,
    parent: Option<String>,
}

impl Store {
    /// Takes in an archive, compressed or not. Blocks as long as it comes. Of the images for other platforms nothing is kept.
    ///
    /// # Errors
    /// It is none, broken, hostile or too large, lies about what is in it, or names images wrongly; the disk is full. Nothing of
    /// it stays then.
    pub(crate) fn load(
        &self,
        host: &str,
        archive: impl Read + Send,
        platform: Option<&Platform>,
        limits: Limits,
        mut tell: impl FnMut(Loaded),
    ) -> Result<()> {
        // What isn't an image's in the end goes with this.
        let intake = Intake::read(self, host, archive, limits, &mut tell)?;
        let described = match intake.document(layout::MANIFEST) {
            Some(manifest) => docker(&intake, manifest)?,
            None => oci::images(&intake)?,
        };
        let fits = |image: &Described| platform.is_none_or(|wanted| wanted.runs(&image.config.platform()));
        let described: Vec<_> = described.into_iter().filter(fits).collect();
        self.give_images(host, &described, tell)
    }

    fn give_images(&self, host: &str, described: &[Described], mut tell: impl FnMut(Loaded)) -> Result<()> {
        let mut ids = Vec::new();
        for image in described {
            let mut told = Vec::new();
            for name in &image.names {
                let old = self.image(host, &name.to_string()).ok().map(|old| old.id);
                told.push((name.to_string(), old));
            }
            let names = Names { tags: &image.names, parent: image.parent.as_deref(), ..Names::default() };
            let id = self.register(host, &image.document, &names)?.id;
            for (name, old) in told {
                if let Some(old) = old.filter(|old| *old != id) {
                    tell(Loaded::Renamed { name: name.clone(), old });
                }
                tell(Loaded::Named { id: id.clone(), name });
            }
            tell(Loaded::Image { id: id.clone() });
            ids.push(id);
        }
        // Docker's rule: what the last one has.
        if described.last().is_none_or(|image| image.names.is_empty()) {
            tell(Loaded::Ids(ids));
        }
        Ok(())
    }
}

/// What `manifest.json` says.
fn docker(intake: &Intake<'_>, manifest: &[u8]) -> Result<Vec<Described>> {
    // As JSON first: what is cut off is told from what is something else.
    let manifest: serde_json::Value = serde_json::from_slice(manifest).map_err(|error| match error.is_eof() {
        true => Error::invalid("unexpected EOF"),
        false => wrong(layout::MANIFEST, &error),
    })?;
    let items: Option<Vec<ManifestItem>> =
        serde_json::from_value(manifest).map_err(|error| wrong(layout::MANIFEST, &error))?;
    let items = items.ok_or_else(|| Error::invalid("invalid manifest, manifest cannot be null (but can be [])"))?;
    let mut described: Vec<Described> = Vec::new();
    let mut parents = Vec::new();
    for item in &items {
        let document = intake.document(&item.config).ok_or_else(|| missing(&item.config))?;
        let names = item.repo_tags.iter().flatten().map(|tag| name(tag)).collect::<Result<_>>()?;
        described.push(describe(intake, document, &item.layers, names)?);
        parents.push(&item.parent);
    }
    let ids: Vec<String> = described.iter().map(|image| digest::sha256(&image.document)).collect();
    for (position, parent) in parents.into_iter().enumerate() {
        let Some(parent_position) = ids.iter().position(|id| id == parent).filter(|other| *other != position) else {
            continue;
        };
        if !is_child(&described[position].config, &described[parent_position].config) {
            return Err(Error::invalid(format!("image {parent} is not a valid parent for {}", ids[position])));
        }
        described[position].parent = Some(parent.clone());
    }
    Ok(described)
}

/// Checks an image's configuration against the layers that are said to be its, which are paths in the archive.
fn describe(intake: &Intake<'_>, document: &[u8], layers: &[String], names: Vec<Reference>) -> Result<Described> {
    let config = ImageConfig::parse(document)?;
    if !matches!(config.os.as_str(), "" | "linux") {
        return Err(Error::invalid(format!("cannot load {:.40} image on linux", config.os)));
    }
    let diff_ids = &config.rootfs.diff_ids;
    if layers.len() != diff_ids.len() {
        return Err(Error::invalid(format!(
            "invalid manifest, layers length mismatch: expected {}, got {}",
            layers.len(),
            diff_ids.len()
        )));
    }
    for (number, (path, expected)) in layers.iter().zip(diff_ids).enumerate() {
        // What the archive leaves out may be there already.
        if let Some(actual) = intake.layer(path)? {
            if actual != *expected {
                return Err(Error::invalid(format!(
                    "invalid diffID for layer {number}: expected {expected:?}, got {actual:?}"
                )));
            }
        } else if !intake.host_has(expected)? {
            return Err(missing(path));
        }
    }
    Ok(Described { document: document.to_vec(), config, names, parent: None })
}

/// A tag as an archive has it: with everything.
fn name(text: &str) -> Result<Reference> {
    let reference = Reference::parse(text)?;
    if Reference::is_name_only(text) || reference.tag().is_none() {
        return Err(Error::invalid(format!("invalid tag {text:?}")));
    }
    Ok(reference)
}

fn is_child(child: &ImageConfig, parent: &ImageConfig) -> bool {
    match child.history.strip_prefix(&parent.history[..]) {
        Some([]) => parent.history.is_empty(),
        Some(rest) => rest.len() == 1,
        None => false,
    }
}

fn missing(path: &str) -> Error {
    Error::invalid(format!("the archive names {path:.200}, which is not in it: no such file or directory"))
}

fn wrong(document: &str, error: &dyn std::fmt::Display) -> Error {
    Error::invalid(format!("{document} in the archive can't be used: {error}"))
}

#[cfg(test)]
mod tests;
