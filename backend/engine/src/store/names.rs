//! The names of a host's images, and of the catalogue's.

use super::lookup::is_own;
use super::register::give;
use super::{Image, Names, Owner, Reference, Store};
use crate::id::ImageId;
use crate::{Error, Result};
use rusqlite::OptionalExtension;

impl Store {
    /// Gives an image that a host has more names.
    pub(crate) fn name(&self, owner: &Owner, id: &ImageId, names: &Names<'_>) -> Result<()> {
        self.db.with(|connection| {
            let transaction = connection.transaction()?;
            give(&transaction, owner, id, names)?;
            Ok(transaction.commit()?)
        })
    }

    /// The tags of a repository that a host has.
    pub(crate) fn tags_of(&self, owner: &Owner, name: &str) -> Result<Vec<Reference>> {
        let tags: Vec<String> = self.db.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT reference FROM tags WHERE host = ?1 AND substr(reference, 1, length(?2) + 1) = ?2 || ':' ORDER BY reference",
            )?;
            Ok(query.query_map((owner, name), |row| row.get(0))?.collect::<Result<_, _>>()?)
        })?;
        // The registry's port is no tag: `localhost:5000/a` is none of `localhost`.
        let tags = tags.iter().filter_map(|tag| Reference::parse(tag).ok()).filter(|tag| tag.name() == name);
        Ok(tags.collect())
    }

    /// The catalogue's tags of a repository: the one that is asked for, or all. Not those of what Lernhafen itself is made of.
    pub(crate) fn catalogue_tags(&self, wanted: &Reference, is_all: bool) -> Result<Vec<Reference>> {
        let mut tags = self.tags_of(&Owner::Catalogue, wanted.name())?;
        tags.retain(|tag| (is_all || tag == wanted) && !is_own(&tag.to_string()));
        Ok(tags)
    }

    /// The repositories in which a host's images with this layer are known to be, because they came from there or were sent there.
    pub(crate) fn repositories_with(&self, owner: &Owner, diff_id: &str) -> Result<Vec<String>> {
        self.db.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT DISTINCT repository FROM digests JOIN image_layers USING (image)
                 WHERE host = ?1 AND diff_id = ?2 ORDER BY repository",
            )?;
            let rows = query.query_map((owner, diff_id), |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Gives a host an image of the catalogue under its name there.
    pub(crate) fn adopt(&self, owner: &Owner, tag: &Reference) -> Result<Image> {
        let image = self.image(&Owner::Catalogue, &tag.to_string())?;
        self.name(owner, &image.id, &Names { tags: std::slice::from_ref(tag), ..Names::default() })?;
        self.image_by_id(owner, &image.id)
    }

    /// The very bytes of an image's configuration.
    pub(crate) fn document(&self, id: &ImageId) -> Result<Vec<u8>> {
        let document = self.db.read(|connection| {
            let mut query = connection.prepare_cached("SELECT config FROM images WHERE id = ?1")?;
            Ok(query.query_row([id], |row| row.get(0)).optional()?)
        })?;
        document.ok_or_else(|| Error::not_found(format!("No such image: {id}")))
    }
}
