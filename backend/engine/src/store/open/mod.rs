//! The images of this machine: each layer unpacked once, for all virtual hosts.

use super::document::{History, RootFs};
use super::durable::Flusher;
use super::register::Names;
use super::unfinished::{self, Unfinished};
use super::{Image, ImageConfig, NewImage};
use crate::db::Database;
use crate::store::Owner;
use crate::{Error, Result};
use archive::Limits;
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What Go, and so every image, calls this machine's architecture.
pub(crate) const GO_ARCH: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };

/// The images of this machine, and which of them each virtual host has. Its calls block.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) layers: PathBuf,
    pub(super) blobs: PathBuf,
    /// What is on its way into this machine's own registries.
    pub(crate) uploads: PathBuf,
    mountpoints: PathBuf,
    pub(crate) db: Database,
    pub(super) flusher: Flusher,
}

impl Store {
    /// Opens the store in `data_dir`, removes what a killed import or build left there, and repairs what a crash of the machine did.
    ///
    /// # Errors
    /// The directory can't be made or read.
    pub fn open(data_dir: &Path, db: Database) -> Result<Self> {
        let [layers, blobs, uploads] = ["layers", "blobs", "uploads"].map(|name| data_dir.join(name));
        for directory in [&layers, &blobs, &uploads] {
            let cannot = |e| Error::system(format!("The images in {} can't be opened: {e}", directory.display()));
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(cannot)?;
            // Layers hold set-id programs of root's that nobody on the machine must reach.
            std::fs::set_permissions(directory, PermissionsExt::from_mode(0o700)).map_err(cannot)?;
        }
        unfinished::sweep(&layers)?;
        let flusher = Flusher::start(&layers, &blobs, db.clone())?;
        let store = Self { layers, blobs, uploads, mountpoints: super::mountpoints::layer(data_dir)?, db, flusher };
        store.repair()?;
        store.sweep()?;
        // What an earlier process of this boot left to do.
        store.flusher.wake();
        Ok(store)
    }

    /// The directories that an image's file system is stacked of, topmost first.
    pub fn layers(&self, image: &Image) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = Vec::new();
        for diff_id in image.config.rootfs.diff_ids.iter().rev() {
            let path = self.layer_path(diff_id);
            // The kernel stacks no directory twice, and what the lower one has or hides, the upper one does, too.
            if paths.contains(&path) {
                continue;
            }
            // The kernel looks for this mark everywhere but at a layer's root.
            let hides_all = is_opaque(&path);
            paths.push(path);
            if hides_all {
                break;
            }
        }
        paths
    }

    /// The layer that lies on an image's for every container, with what is mounted over.
    pub fn mountpoints(&self) -> &Path {
        &self.mountpoints
    }

    /// Makes an image of one uncompressed tar, which is unpacked while it is read, and puts it into the catalogue.
    /// A layer or an image that is there already is not made again.
    ///
    /// # Errors
    /// The archive is broken, hostile or too large, or the disk is full. Nothing of it stays then.
    pub fn import(&self, tar: impl Read, image: NewImage) -> Result<Image> {
        let layer = self.add_layer(tar, None, Limits::default())?;
        let bytes = document(&image, layer.diff_id)?.to_bytes()?;
        let image = self.register(&Owner::Catalogue, &bytes, &Names { tags: &image.names, ..Names::default() })?;
        // Whoever builds ends soon, and takes the time.
        self.flush()?;
        Ok(image)
    }

    /// A directory of the same file system, for root only, that goes with the value, or is swept at the next start.
    pub(super) fn scratch(&self) -> Result<Unfinished> {
        Unfinished::new(&self.layers)
    }

    pub(super) fn layer_path(&self, diff_id: &str) -> PathBuf {
        self.layers.join(diff_id.trim_start_matches("sha256:"))
    }
}

/// Whether nothing of the layers below is there any more.
fn is_opaque(layer: &Path) -> bool {
    let mut value = [0; 1];
    matches!(rustix::fs::lgetxattr(layer, c"trusted.overlay.opaque", &mut value), Ok(1)) && value == *b"y"
}

/// The layer on top of those of the image's base, if it has one.
fn document(image: &NewImage, diff_id: String) -> Result<ImageConfig> {
    let created = jiff::Timestamp::from_nanosecond(image.created.into())
        .map_err(|e| Error::invalid(format!("The image's time is none: {e}")))?
        .to_string();
    let ImageConfig { mut history, rootfs: RootFs { mut diff_ids, .. }, .. } =
        image.base.as_ref().map(|base| base.config.clone()).unwrap_or_default();
    history.push(History {
        created: Some(created.clone()),
        created_by: image.created_by.clone(),
        ..History::default()
    });
    diff_ids.push(diff_id);
    Ok(ImageConfig {
        architecture: GO_ARCH.to_owned(),
        config: image.config.clone(),
        created: Some(created),
        history,
        os: "linux".to_owned(),
        rootfs: RootFs { kind: "layers".to_owned(), diff_ids },
        ..ImageConfig::default()
    })
}

#[cfg(test)]
mod tests;
