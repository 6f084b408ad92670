//! Which images a virtual host has, and which one a name means.

use super::Owner;
use super::recipe::RECIPE_LABEL;
use super::{Image, ImageConfig, Reference, Store};
use crate::id::ImageId;
use crate::time::now;
use crate::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashSet;

/// How the names of what Lernhafen itself is made of begin: a learner's `docker images` doesn't show its own workstation.
const OWN: &str = "lernhafen/";

/// Whether this name of the catalogue is no learner's business.
pub(super) fn is_own(name: &str) -> bool {
    name.starts_with(OWN)
}

impl Store {
    /// The image that `name` means on this host: `name`, `name:tag`, an id, or an unambiguous beginning of one,
    /// with or without `sha256:`.
    ///
    /// # Errors
    /// The host has no such image, or `name` is no name.
    pub(crate) fn image(&self, owner: &Owner, name: &str) -> Result<Image> {
        self.db.read(|connection| {
            let id = find(connection, owner, name)?;
            read(connection, owner, &id)
        })
    }

    /// The image of exactly that id, even if the host has no name for it any more: containers keep theirs.
    ///
    /// # Errors
    /// The machine has no such image.
    pub(crate) fn image_by_id(&self, owner: &Owner, id: &ImageId) -> Result<Image> {
        self.db.read(|connection| read(connection, owner, id))
    }

    /// All images of a host, newest first.
    pub(crate) fn images(&self, owner: &Owner) -> Result<Vec<Image>> {
        self.db.read(|connection| {
            let ids: Vec<ImageId> = connection
                .prepare_cached(
                    "SELECT id FROM images JOIN host_images ON image = id WHERE host = ?1 ORDER BY created DESC, id",
                )?
                .query_map([owner], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            ids.iter().map(|id| read(connection, owner, id)).collect()
        })
    }

    /// All images of the machine's catalogue, newest first.
    pub fn catalogue(&self) -> Result<Vec<Image>> {
        self.images(&Owner::Catalogue)
    }

    /// The ids of all images of the machine's catalogue.
    pub(crate) fn catalogue_ids(&self) -> Result<HashSet<ImageId>> {
        self.db.read(|connection| {
            let mut query = connection.prepare_cached("SELECT image FROM tags WHERE host = ?1")?;
            Ok(query.query_map([Owner::Catalogue], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Whether on this host `name` means this image.
    pub(crate) fn means(&self, owner: &Owner, name: &str, id: &ImageId) -> Result<bool> {
        self.db.read(|connection| found(find(connection, owner, name)).map(|found| found.as_ref() == Some(id)))
    }

    /// Gives a host the catalogue's names that it doesn't have itself, and was never given: what its owner removed stays away. Not the
    /// versions of what was built here and has `latest`, too: they are for those who pull them, not for everybody's `docker images`.
    pub(crate) fn adopt_catalogue(&self, owner: &Owner) -> Result<()> {
        self.db.with(|connection| {
            let is_known = "SELECT NOT EXISTS (SELECT 1 FROM tags WHERE host = ?2 AND substr(reference, 1, length(?3)) <> ?3
                            AND reference NOT IN (SELECT reference FROM adopted WHERE host = ?1))";
            // With a thousand hosts to be found again, a transaction for each takes long.
            if connection.prepare_cached(is_known)?.query_row((owner, Owner::Catalogue, OWN), |row| row.get(0))? {
                return Ok(());
            }
            let transaction = connection.transaction()?;
            transaction.execute(
                "INSERT OR IGNORE INTO tags (host, reference, image)
                 SELECT ?1, reference, image FROM tags JOIN images ON images.id = image
                 WHERE host = ?2 AND substr(reference, 1, length(?3)) <> ?3
                 AND reference NOT IN (SELECT reference FROM adopted WHERE host = ?1) AND NOT (
                     CAST(config AS TEXT) -> '$.config.Labels' ->> ?4 IS NOT NULL AND EXISTS (
                         -- Its repository, which ends with the last colon.
                         SELECT 1 FROM tags AS first WHERE first.host = ?2 AND first.image = images.id
                         AND first.reference = rtrim(tags.reference, replace(tags.reference, ':', '')) || 'latest'
                         AND first.reference <> tags.reference))",
                (owner, Owner::Catalogue, OWN, RECIPE_LABEL),
            )?;
            transaction.execute(
                "INSERT OR IGNORE INTO adopted (host, reference)
                 SELECT ?1, reference FROM tags WHERE host = ?2 AND substr(reference, 1, length(?3)) <> ?3",
                (owner, Owner::Catalogue, OWN),
            )?;
            transaction.execute(
                "INSERT OR IGNORE INTO host_images (host, image, tagged) SELECT DISTINCT host, image, ?2 FROM tags WHERE host = ?1",
                (owner, now()),
            )?;
            Ok(transaction.commit()?)
        })
    }
}

/// The id of the image that `name` means on this host; see [`Store::image`].
pub(super) fn find(connection: &Connection, owner: &Owner, name: &str) -> Result<ImageId> {
    // The digits of a whole id are never a name.
    if let Some(id) = whole_id(name) {
        return by_id(connection, owner, &id)?.ok_or_else(|| Error::not_found(format!("No such image: {id}")));
    }
    let reference = Reference::parse(name)?;
    match named(connection, owner, &reference)? {
        Some(id) => Ok(id),
        None => by_id(connection, owner, name)?
            .ok_or_else(|| Error::not_found(format!("No such image: {}", reference.as_asked()))),
    }
}

/// `None` for what isn't there, or can't be.
pub(super) fn found(found: Result<ImageId>) -> Result<Option<ImageId>> {
    match found {
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::InvalidParameter) => Ok(None),
        found => found.map(Some),
    }
}

fn whole_id(name: &str) -> Option<ImageId> {
    let id = if name.starts_with("sha256:") { name.to_owned() } else { format!("sha256:{name}") };
    ImageId::new(&id).ok()
}

fn named(connection: &Connection, owner: &Owner, reference: &Reference) -> Result<Option<ImageId>> {
    let id = match reference.digest() {
        Some(digest) => connection
            .prepare_cached("SELECT image FROM digests WHERE host = ?1 AND repository = ?2 AND digest = ?3")?
            .query_row((owner, reference.name(), digest), |row| row.get(0))
            .optional()?,
        None => connection
            .prepare_cached("SELECT image FROM tags WHERE host = ?1 AND reference = ?2")?
            .query_row((owner, &reference.to_string()), |row| row.get(0))
            .optional()?,
    };
    Ok(id)
}

/// The one image of the host whose id begins so.
pub(super) fn by_id(connection: &Connection, owner: &Owner, name: &str) -> Result<Option<ImageId>> {
    let Some(beginning) = beginning_of_id(name) else { return Ok(None) };
    let ids: Vec<ImageId> = connection
        .prepare_cached("SELECT image FROM host_images WHERE host = ?1 AND image GLOB ?2 LIMIT 2")?
        .query_map((owner, format!("sha256:{beginning}*")), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    match <[ImageId; 1]>::try_from(ids) {
        Ok([id]) => Ok(Some(id)),
        Err(_) => Ok(None),
    }
}

fn beginning_of_id(name: &str) -> Option<&str> {
    let digits = name.strip_prefix("sha256:").unwrap_or(name);
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (1..=64).contains(&digits.len()).then_some(digits).filter(|digits| digits.bytes().all(hex))
}

pub(super) fn read(connection: &Connection, owner: &Owner, id: &ImageId) -> Result<Image> {
    let found = connection
        .prepare_cached(
            "SELECT config, size, created, parent, tagged FROM images
             LEFT JOIN host_images ON image = id AND host = ?2 WHERE id = ?1",
        )?
        .query_row((id, owner), |row| {
            let tagged = row.get::<_, Option<i64>>(4)?.unwrap_or(0);
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?, row.get(2)?, row.get(3)?, tagged))
        })
        .optional()?;
    let Some((document, size, created, parent, tagged)) = found else {
        return Err(Error::not_found(format!("No such image: {id}")));
    };
    let config = ImageConfig::parse(&document).map_err(|e| {
        Error::system(format!("The configuration of image {id} is damaged ({e}). Build the image again."))
    })?;
    let (digests, tags): (Vec<_>, Vec<_>) =
        references(connection, owner, id)?.into_iter().partition(|name| name.digest().is_some());
    let shown = |names: Vec<Reference>| names.iter().map(ToString::to_string).collect();
    Ok(Image {
        id: id.clone(),
        config,
        size: size.unsigned_abs(),
        repo_tags: shown(tags),
        repo_digests: shown(digests),
        parent,
        created,
        tagged,
    })
}

/// All names of an image, in Docker's order.
pub(super) fn references(connection: &Connection, owner: &Owner, id: &ImageId) -> Result<Vec<Reference>> {
    let names: Vec<String> = connection
        .prepare_cached(
            "SELECT reference FROM tags WHERE host = ?1 AND image = ?2
             UNION ALL SELECT repository || '@' || digest FROM digests WHERE host = ?1 AND image = ?2",
        )?
        .query_map((owner, id), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut names = names.iter().map(|name| Reference::parse(name)).collect::<Result<Vec<_>>>()?;
    names.sort_by_cached_key(Reference::canonical);
    Ok(names)
}

#[cfg(test)]
mod tests;
