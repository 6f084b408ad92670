//! `docker load`: an archive of images comes in, which it is read once for, whatever the order in it.
//!
//! First everything is taken in (`intake`): layers are unpacked while they come, as the documents that name them mostly come last.
//! Then the documents say what the images are, Docker's (`manifest.json`) or else OCI's (`index.json`). Only then does the host get
//! any: of `manifest.json` what comes before its first fault, as with Docker, of an index all or nothing.

mod entry;
mod intake;
mod oci;

use super::layout::{self, ManifestItem};
use super::register::Names;
use super::{ImageConfig, Platform, Reference, Store};
use crate::id::ImageId;
use crate::store::Owner;
use crate::{Error, Result, json};
use archive::Limits;
use intake::Intake;
use std::io::Read;

/// What there is to tell of a load, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// So many bytes of an entry that is a layer have come.
    Layer { id: String, current: u64, total: u64 },
    /// The tag was another image's, of that id.
    Renamed { name: String, old: ImageId },
    /// An image is there, under that name.
    Named { id: ImageId, name: String },
    /// An image is there.
    Image { id: ImageId },
    /// The images' ids, where no name says it.
    Ids(Vec<ImageId>),
}

/// An image as the archive's documents describe it, complete.
struct Described {
    document: Vec<u8>,
    config: ImageConfig,
    names: Vec<Reference>,
    parent: Option<ImageId>,
}

/// What an archive has.
#[derive(Default)]
struct Contents {
    images: Vec<Described>,
    /// What is wrong with the next image, or the next name of the last.
    fault: Option<Error>,
}

impl Store {
    /// Takes in an archive, compressed or not. Blocks as long as it comes. Of the images for other platforms nothing is kept.
    ///
    /// # Errors
    /// It is none, broken, hostile or too large, lies about what is in it, or names images wrongly; the disk is full. What stays then
    /// are the images, and the names of one, that `manifest.json` has before the first that is wrong.
    pub(crate) fn load(
        &self,
        owner: &Owner,
        archive: impl Read + Send,
        platform: Option<&Platform>,
        limits: Limits,
        mut tell: impl FnMut(Loaded),
    ) -> Result<()> {
        // What isn't an image's in the end goes with this.
        let intake = Intake::read(self, owner, archive, limits, &mut tell)?;
        let mut contents = match intake.document(layout::MANIFEST) {
            Some(manifest) => docker(&intake, manifest)?,
            None => Contents { images: oci::images(&intake)?, fault: None },
        };
        contents.images.retain(|image| platform.is_none_or(|wanted| wanted.runs(&image.config.platform())));
        self.give_images(owner, contents, tell)
    }

    fn give_images(&self, owner: &Owner, contents: Contents, mut tell: impl FnMut(Loaded)) -> Result<()> {
        let Contents { images, fault } = contents;
        let mut ids = Vec::new();
        for image in &images {
            let mut told = Vec::new();
            for name in &image.names {
                let old = self.image(owner, &name.to_string()).ok().map(|old| old.id);
                told.push((name.to_string(), old));
            }
            let names = Names { tags: &image.names, parent: image.parent.as_ref(), ..Names::default() };
            let id = self.register(owner, &image.document, &names)?.id;
            for (name, old) in told {
                if let Some(old) = old.filter(|old| *old != id) {
                    tell(Loaded::Renamed { name: name.clone(), old });
                }
                tell(Loaded::Named { id: id.clone(), name });
            }
            tell(Loaded::Image { id: id.clone() });
            ids.push(id);
        }
        if let Some(fault) = fault {
            return Err(fault);
        }
        // Docker's rule: what the last one has.
        if images.last().is_none_or(|image| image.names.is_empty()) {
            tell(Loaded::Ids(ids));
        }
        Ok(())
    }
}

/// What `manifest.json` says.
fn docker(intake: &Intake<'_>, manifest: &[u8]) -> Result<Contents> {
    // As JSON first: what is cut off is told from what is something else.
    let manifest: serde_json::Value = serde_json::from_slice(manifest).map_err(|error| match error.is_eof() {
        true => Error::invalid("unexpected EOF"),
        false => wrong(layout::MANIFEST, &error),
    })?;
    let items: Option<Vec<ManifestItem>> =
        json::from_value(manifest).map_err(|error| wrong(layout::MANIFEST, &error))?;
    let items = items.ok_or_else(|| Error::invalid("invalid manifest, manifest cannot be null (but can be [])"))?;
    let mut contents = Contents::default();
    contents.fault = items.iter().try_for_each(|item| contents.add(intake, item)).err();
    contents.find_parents(&items);
    Ok(contents)
}

impl Contents {
    /// The next image of `manifest.json`, with its names up to the first that is none.
    fn add(&mut self, intake: &Intake<'_>, item: &ManifestItem) -> Result<()> {
        let document = intake.document(&item.config).ok_or_else(|| missing(&item.config))?;
        let mut image = describe(intake, document, &item.layers, Vec::new())?;
        let named = item.repo_tags.iter().flatten().try_for_each(|tag| {
            image.names.push(name(tag)?);
            Ok(())
        });
        self.images.push(image);
        named
    }

    /// Which of the images were made of which others.
    fn find_parents(&mut self, items: &[ManifestItem]) {
        let ids: Vec<_> = self.images.iter().map(|image| ImageId::of(&image.document)).collect();
        for (position, ManifestItem { parent, .. }) in items.iter().enumerate().take(ids.len()) {
            let Some(above) = ids.iter().position(|id| **id == *parent).filter(|above| *above != position) else {
                continue;
            };
            if is_child(&self.images[position].config, &self.images[above].config) {
                self.images[position].parent = Some(ids[above].clone());
            } else {
                let wrong = || Error::invalid(format!("image {parent} is not a valid parent for {}", ids[position]));
                self.fault.get_or_insert_with(wrong);
            }
        }
    }
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
    if config.history.iter().filter(|entry| !entry.empty_layer).count() > diff_ids.len() {
        return Err(Error::invalid("too many non-empty layers in History section"));
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
