//! An image becomes one of a host's, all at once.

use super::document::ImageConfig;
use super::{Image, Reference, Store, lookup};
use crate::id::ImageId;
use crate::store::Owner;
use crate::time::now;
use crate::{Error, Result};
use rusqlite::Transaction;

/// What an image is to be called.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Names<'a> {
    pub(crate) tags: &'a [Reference],
    /// Whether somebody gives it the tags now, and not an archive or a registry that has them: that is the time of its last tag.
    pub(crate) by_hand: bool,
    /// `name@sha256:…`, by which a registry knows it.
    pub(crate) digests: &'a [Reference],
    /// The image that it was made of.
    pub(crate) parent: Option<&'a ImageId>,
}

impl Store {
    /// Gives a host an image whose layers are all there. One that it has already gets the names, too; a name that another image
    /// had is that image's no longer.
    ///
    /// # Errors
    /// The document is none, or a layer of it isn't there.
    pub(crate) fn register(&self, owner: &Owner, document: &[u8], names: &Names<'_>) -> Result<Image> {
        let config = ImageConfig::parse(document)?;
        let id = ImageId::of(document);
        let mut size = 0u64;
        for diff_id in &config.rootfs.diff_ids {
            let layer = self.find_layer(diff_id)?;
            let layer = layer.ok_or_else(|| Error::invalid(format!("layer {diff_id} of the image is missing")))?;
            size = size.saturating_add(layer.size);
        }
        let size = i64::try_from(size).map_err(|_| Error::invalid("The image is larger than any disk."))?;
        self.db.with(|connection| {
            let transaction = connection.transaction()?;
            let new = transaction.execute(
                "INSERT OR IGNORE INTO images (id, config, size, created) VALUES (?1, ?2, ?3, ?4)",
                (&id, document, size, config.created_nanos()),
            )?;
            if new > 0 {
                for (position, diff_id) in (0i64..).zip(&config.rootfs.diff_ids) {
                    transaction.execute(
                        "INSERT INTO image_layers (image, position, diff_id) VALUES (?1, ?2, ?3)",
                        (&id, position, diff_id),
                    )?;
                }
            }
            give(&transaction, owner, &id, names)?;
            transaction.commit()?;
            Ok(())
        })?;
        self.image_by_id(owner, &id)
    }

    /// Gives the image that `source` means on a host another name, which it takes from any other image.
    ///
    /// # Errors
    /// The host has no such image.
    pub(crate) fn tag(&self, owner: &Owner, source: &str, name: &Reference) -> Result<Image> {
        self.db.with(|connection| {
            let transaction = connection.transaction()?;
            let id = lookup::find(&transaction, owner, source)?;
            give(
                &transaction,
                owner,
                &id,
                &Names { tags: std::slice::from_ref(name), by_hand: true, ..Names::default() },
            )?;
            let image = lookup::read(&transaction, owner, &id)?;
            transaction.commit()?;
            Ok(image)
        })
    }
}

pub(super) fn give(transaction: &Transaction<'_>, owner: &Owner, id: &ImageId, names: &Names<'_>) -> Result<()> {
    transaction.execute(
        "INSERT INTO host_images (host, image, parent, tagged) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (host, image) DO UPDATE SET parent = coalesce(parent, excluded.parent), tagged = max(tagged, excluded.tagged)",
        (owner, id, names.parent, if names.by_hand && !names.tags.is_empty() { now() } else { 0 }),
    )?;
    for name in names.tags {
        transaction.execute(
            "INSERT OR REPLACE INTO tags (host, reference, image) VALUES (?1, ?2, ?3)",
            (owner, name.to_string(), id),
        )?;
    }
    for name in names.digests {
        let Some(digest) = name.digest() else { continue };
        transaction.execute(
            "INSERT OR REPLACE INTO digests (host, repository, digest, image) VALUES (?1, ?2, ?3, ?4)",
            (owner, name.name(), digest, id),
        )?;
    }
    Ok(())
}
