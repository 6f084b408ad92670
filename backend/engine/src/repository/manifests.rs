//! Manifests are looked up and deleted.

use super::names::{check_digest, check_tag, is_digest};
use super::{Fault, Repositories, Result};
use rusqlite::{Connection, OptionalExtension};

/// A manifest as it was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    pub digest: String,
    pub media_type: String,
    pub content: Vec<u8>,
}

impl Repositories {
    /// The manifest that a tag or a digest means.
    ///
    /// # Errors
    /// The repository isn't there, or doesn't have it.
    pub fn manifest(&self, repository: &str, reference: &str) -> Result<Manifest> {
        self.read(|connection| {
            let repository = self.known(connection, repository)?;
            let unknown = || Fault::ManifestUnknown(format!("{reference:.150}"));
            let digest = if is_digest(reference) {
                check_digest(reference)?;
                reference.to_owned()
            } else {
                tagged(connection, repository, reference)?.ok_or_else(unknown)?
            };
            connection
                .prepare_cached("SELECT media_type, content FROM manifests WHERE repository = ?1 AND digest = ?2")?
                .query_row((repository, &digest), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .map(|(media_type, content)| Manifest { digest, media_type, content })
                .ok_or_else(unknown)
        })
    }

    /// Takes a tag from its manifest; or, by its digest, deletes a manifest with all its tags.
    ///
    /// # Errors
    /// There is none, or an index lists it.
    pub fn delete_manifest(&self, repository: &str, reference: &str) -> Result<()> {
        self.change(|connection| {
            let repository = self.known(connection, repository)?;
            let deleted = if is_digest(reference) {
                check_digest(reference)?;
                delete(connection, repository, reference)?
            } else {
                check_tag(reference)?;
                let delete = "DELETE FROM repository_tags WHERE repository = ?1 AND tag = ?2";
                connection.execute(delete, (repository, reference))?
            };
            if deleted == 0 { Err(Fault::ManifestUnknown(reference.to_owned())) } else { Ok(()) }
        })
    }
}

fn tagged(connection: &Connection, repository: i64, tag: &str) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT manifest FROM repository_tags WHERE repository = ?1 AND tag = ?2")?
        .query_row((repository, tag), |row| row.get(0))
        .optional()?)
}

fn delete(connection: &Connection, repository: i64, digest: &str) -> Result<usize> {
    let index: Option<String> = connection
        .prepare_cached(
            "SELECT manifest FROM manifest_parts WHERE repository = ?1 AND part = ?2 AND manifest <> ?2 LIMIT 1",
        )?
        .query_row((repository, digest), |row| row.get(0))
        .optional()?;
    if let Some(index) = index {
        return Err(Fault::InUse(format!(
            "manifest {digest} is a part of index {index}, which would be broken without it: delete that first"
        )));
    }
    // Whoever deletes it doesn't want its blobs either: what no other manifest refers to goes with the next collection.
    connection.execute(
        "UPDATE repository_blobs SET used = 0 WHERE repository = ?1
         AND blob IN (SELECT blob FROM manifest_blobs WHERE repository = ?1 AND manifest = ?2)",
        (repository, digest),
    )?;
    let delete = "DELETE FROM manifests WHERE repository = ?1 AND digest = ?2";
    Ok(connection.execute(delete, (repository, digest))?)
}
