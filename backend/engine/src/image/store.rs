//! The images of this machine: each layer unpacked once, for all virtual hosts.

use super::archive::{self, Limits, Unpacked};
use super::unfinished::{self, Unfinished};
use super::{Image, NewImage, digest};
use crate::db::Database;
use crate::{Error, Result};
use oci_spec::image::{Arch, HistoryBuilder, ImageConfiguration, ImageConfigurationBuilder, Os, RootFsBuilder};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The host whose tags are the machine's catalogue: what new hosts start with.
pub(super) const CATALOGUE: &str = "";

/// The images of this machine, and which of them each virtual host has. Its calls block.
#[derive(Debug, Clone)]
pub struct Store {
    layers: PathBuf,
    mountpoints: PathBuf,
    pub(super) db: Database,
}

impl Store {
    /// Opens the store in `data_dir`, and removes what a killed import or build left there.
    ///
    /// # Errors
    /// The directory can't be made or read.
    pub fn open(data_dir: &Path, db: Database) -> Result<Self> {
        let layers = data_dir.join("layers");
        let cannot = |e| Error::system(format!("The layers in {} can't be opened: {e}", layers.display()));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&layers).map_err(cannot)?;
        // Layers hold set-id programs of root's that nobody on the machine must reach.
        std::fs::set_permissions(&layers, PermissionsExt::from_mode(0o700)).map_err(cannot)?;
        unfinished::sweep(&layers)?;
        Ok(Self { layers, mountpoints: super::mountpoints::layer(data_dir)?, db })
    }

    /// The directories that an image's file system is stacked of, topmost first.
    pub fn layers(&self, image: &Image) -> Vec<PathBuf> {
        let diff_ids = image.config.rootfs().diff_ids();
        diff_ids.iter().rev().map(|diff_id| self.layers.join(diff_id.trim_start_matches("sha256:"))).collect()
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
        let layer = self.scratch()?;
        let directory = layer.directory().try_clone_to_owned();
        let directory = directory.map_err(|e| Error::system(format!("The layer can't be unpacked: {e}")))?;
        // A tar need not say what its root is like; this is what every root is like.
        std::fs::set_permissions(layer.path(), PermissionsExt::from_mode(0o755))
            .map_err(|e| Error::system(format!("The layer can't be unpacked: {e}")))?;
        let Unpacked { diff_id, size } = archive::unpack(tar, directory, Limits::default())?;
        layer.keep(diff_id.trim_start_matches("sha256:"))?;

        let configuration = configuration(&image, &diff_id)?;
        let bytes = canonical(&configuration)?;
        let id = digest::sha256(&bytes);
        let names: Vec<String> = image.names.iter().map(ToString::to_string).collect();
        self.record(&id, &bytes, size, image.created, &diff_id, &names)?;
        Ok(Image { id, config: configuration, size, repo_tags: names, created: image.created })
    }

    /// A directory of the same file system, for root only, that goes with the value, or is swept at the next start.
    pub(super) fn scratch(&self) -> Result<Unfinished> {
        Unfinished::new(&self.layers)
    }

    fn record(&self, id: &str, config: &[u8], size: u64, created: i64, diff_id: &str, names: &[String]) -> Result<()> {
        let size = i64::try_from(size).map_err(|_| Error::invalid("The image is larger than any disk."))?;
        self.db.with(|connection| {
            let transaction = connection.transaction()?;
            let new = transaction.execute(
                "INSERT OR IGNORE INTO images (id, config, size, created) VALUES (?1, ?2, ?3, ?4)",
                (id, config, size, created),
            )?;
            if new > 0 {
                transaction
                    .execute("INSERT INTO image_layers (image, position, diff_id) VALUES (?1, 0, ?2)", (id, diff_id))?;
            }
            for name in names {
                transaction.execute(
                    "INSERT OR REPLACE INTO tags (host, reference, image) VALUES (?1, ?2, ?3)",
                    (CATALOGUE, name, id),
                )?;
            }
            transaction.commit()?;
            Ok(())
        })
    }
}

fn configuration(image: &NewImage, diff_id: &str) -> Result<ImageConfiguration> {
    let wrong = |e| Error::system(format!("The image's configuration can't be made: {e}"));
    let created = jiff::Timestamp::from_nanosecond(image.created.into())
        .map_err(|e| Error::invalid(format!("The image's time is none: {e}")))?
        .to_string();
    let history = HistoryBuilder::default().created(created.clone()).created_by(image.created_by.clone());
    let rootfs = RootFsBuilder::default().typ("layers".to_owned()).diff_ids(vec![diff_id.to_owned()]);
    ImageConfigurationBuilder::default()
        .created(created)
        .architecture(Arch::default())
        .os(Os::Linux)
        .config(image.config.clone())
        .rootfs(rootfs.build().map_err(wrong)?)
        .history(vec![history.build().map_err(wrong)?])
        .build()
        .map_err(wrong)
}

/// The same bytes for the same configuration: a `Value` has its keys in order, the labels' hash map has not.
fn canonical(configuration: &ImageConfiguration) -> Result<Vec<u8>> {
    serde_json::to_value(configuration)
        .and_then(|value| serde_json::to_vec(&value))
        .map_err(|e| Error::system(format!("The image's configuration can't be written: {e}")))
}

#[cfg(test)]
mod tests;
