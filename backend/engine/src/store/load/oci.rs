//! What an OCI layout (`index.json`) says of the images in an archive: as `skopeo copy … oci-archive:` and `docker buildx` write it.

use super::intake::Intake;
use super::{Described, describe, missing, wrong};
use crate::store::layout::{self, Descriptor, Manifest};
use crate::store::{Platform, Reference, digest};
use crate::{Error, Result, json};

/// Indexes within indexes: there is a sense in two.
const DEEPEST: usize = 4;
/// Images and indexes that are looked at.
const MOST: usize = 1000;

pub(super) fn images(intake: &Intake<'_>) -> Result<Vec<Described>> {
    let Some(index) = intake.document(layout::INDEX) else {
        let has_old = intake.document(layout::REPOSITORIES).is_some();
        return Err(Error::invalid(if has_old {
            "the archive has no manifest.json: it was made by a Docker before 1.10, whose archives are not read here. Load it \
             with a Docker up to 28, and save it again"
        } else {
            "the archive has neither manifest.json nor index.json: it is no archive of images. (A tar of files is for docker \
             import.)"
        }));
    };
    let mut walk = Walk { intake, machine: Platform::of_machine(), seen: 0, found: Vec::new() };
    walk.index(layout::INDEX, index, &[], 0)?;
    Ok(walk.found)
}

struct Walk<'a> {
    intake: &'a Intake<'a>,
    machine: Platform,
    seen: usize,
    found: Vec<Described>,
}

impl<'a> Walk<'a> {
    fn index(&mut self, path: &str, document: &[u8], above: &[Reference], depth: usize) -> Result<()> {
        let index: Manifest = json::from_slice(document).map_err(|error| wrong(path, &error))?;
        let manifests = index.manifests.unwrap_or_default();
        let nested = depth > 0;
        for descriptor in &manifests {
            self.seen += 1;
            if self.seen > MOST {
                return Err(Error::invalid(format!("the archive's index has more than {MOST} images")));
            }
            // Of one image for several machines this machine's counts. What the archive doesn't have of it can be another's.
            if nested && descriptor.platform.as_ref().is_some_and(|other| !self.machine.runs(other)) {
                continue;
            }
            let names = if nested { above.to_vec() } else { names(descriptor)? };
            let path = layout::blob_path(&descriptor.digest);
            let document = self.blob(descriptor, &path)?;
            let manifest: Manifest = json::from_slice(document).map_err(|error| wrong(&path, &error))?;
            match (manifest.manifests.is_some(), &manifest.config) {
                (true, _) if depth < DEEPEST => self.index(&path, document, &names, depth + 1)?,
                (true, _) => return Err(wrong(&path, &"its indexes are nested too deep")),
                (false, Some(config)) => self.image(config, &manifest, names)?,
                (false, None) => return Err(wrong(&path, &"it is neither an image nor an index")),
            }
        }
        Ok(())
    }

    fn image(&mut self, config: &Descriptor, manifest: &Manifest, names: Vec<Reference>) -> Result<()> {
        let document = self.blob(config, &layout::blob_path(&config.digest))?;
        let layers: Vec<String> =
            manifest.layers.iter().flatten().map(|layer| layout::blob_path(&layer.digest)).collect();
        let described = describe(self.intake, document, &layers, names)?;
        // The same image under another name.
        match self.found.iter_mut().find(|other| other.document == described.document) {
            Some(other) => other.names.extend(described.names),
            None => self.found.push(described),
        }
        Ok(())
    }

    fn blob(&self, descriptor: &Descriptor, path: &str) -> Result<&'a [u8]> {
        let document = self.intake.document(path).ok_or_else(|| missing(path))?;
        if digest::sha256(document) != descriptor.digest {
            return Err(wrong(path, &"its digest is another one"));
        }
        Ok(document)
    }
}

/// What the image is called. OCI's own annotation is the tag alone, or, as `skopeo` writes it, a whole name.
fn names(descriptor: &Descriptor) -> Result<Vec<Reference>> {
    let whole = descriptor.annotations.get(layout::IMAGE_NAME);
    let other = descriptor.annotations.get(layout::REF_NAME).filter(|name| name.contains([':', '/']));
    whole.or(other).map(|text| super::name(text)).into_iter().collect()
}
