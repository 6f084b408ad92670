//! A manifest comes.

use super::access::count;
use super::document::{Descriptor, Document};
use super::limits::LARGEST_MANIFEST;
use super::names::{check_digest, check_tag, is_digest};
use super::{Fault, Repositories, Result};
use crate::store::digest;
use rusqlite::{Connection, OptionalExtension};

/// A manifest that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    pub digest: String,
    /// The manifest that it says something about: it is among that one's referrers now.
    pub subject: Option<String>,
}

impl Repositories {
    /// Takes a manifest into a repository, under a tag or its digest. A tag that another manifest had is that one's no longer.
    ///
    /// # Errors
    /// It is none, or refers to what the repository doesn't have, or to other sizes than what it has; a limit is reached.
    pub fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        content_type: Option<&str>,
        content: &[u8],
    ) -> Result<Pushed> {
        self.check_name(repository)?;
        let tag = if is_digest(reference) { None } else { Some(reference) };
        match tag {
            Some(tag) => check_tag(tag)?,
            None => check_digest(reference)?,
        }
        let size = content.len() as u64;
        if size > LARGEST_MANIFEST {
            return Err(Fault::ManifestTooLarge { size, most: LARGEST_MANIFEST });
        }
        let digest = digest::sha256(content);
        if tag.is_none() && digest != reference {
            return Err(Fault::DigestWrong { expected: reference.to_owned(), actual: digest });
        }
        let document = Document::parse(content, content_type)?;
        self.change(|connection| {
            let row = self.find_or_make(connection, repository)?;
            check_blobs(connection, row, &document)?;
            self.write(connection, row, &digest, &document, content)?;
            if let Some(tag) = tag {
                self.tag(connection, row, tag, &digest)?;
            }
            Ok(())
        })?;
        Ok(Pushed { digest, subject: document.subject })
    }

    fn write(
        &self,
        connection: &Connection,
        repository: i64,
        digest: &str,
        document: &Document,
        content: &[u8],
    ) -> Result<()> {
        let Document { media_type, blobs, parts, subject, artifact_type, annotations } = document;
        let is_there = connection
            .prepare_cached("SELECT 1 FROM manifests WHERE repository = ?1 AND digest = ?2")?
            .exists((repository, digest))?;
        if !is_there {
            let manifests = count(connection, "SELECT count(*) FROM manifests WHERE repository = ?1", [repository])?;
            self.check_count(manifests, self.limits.tags, "manifests in this repository")?;
            if content.len() as u64 > self.room(connection)? {
                return Err(self.is_full());
            }
        }
        let annotations = annotations.as_ref().map(serde_json::to_string).transpose();
        let annotations = annotations.map_err(|error| Fault::io("annotations can't be kept", error))?;
        connection.execute(
            "INSERT INTO manifests (repository, digest, media_type, content, subject, artifact_type, annotations)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (repository, digest) DO UPDATE SET media_type = excluded.media_type",
            (repository, digest, media_type, content, subject, artifact_type, annotations),
        )?;
        let mut blob = connection.prepare_cached("INSERT OR IGNORE INTO manifest_blobs VALUES (?1, ?2, ?3)")?;
        for Descriptor { digest: referred, .. } in blobs {
            blob.execute((repository, digest, referred))?;
        }
        let mut part = connection.prepare_cached("INSERT OR IGNORE INTO manifest_parts VALUES (?1, ?2, ?3)")?;
        for Descriptor { digest: referred, .. } in parts {
            part.execute((repository, digest, referred))?;
        }
        Ok(())
    }

    fn tag(&self, connection: &Connection, repository: i64, tag: &str, digest: &str) -> Result<()> {
        let others = "SELECT count(*) FROM repository_tags WHERE repository = ?1 AND tag <> ?2";
        let others = count(connection, others, (repository, tag))?;
        self.check_count(others, self.limits.tags, "tags in this repository")?;
        connection.execute("INSERT OR REPLACE INTO repository_tags VALUES (?1, ?2, ?3)", (repository, tag, digest))?;
        Ok(())
    }
}

/// Errors: something that it refers to isn't there, or has another size.
fn check_blobs(connection: &Connection, repository: i64, document: &Document) -> Result<()> {
    let blobs = "SELECT size FROM repository_blobs JOIN blobs ON digest = blob WHERE repository = ?1 AND blob = ?2";
    let parts = "SELECT length(content) FROM manifests WHERE repository = ?1 AND digest = ?2";
    let mut missing = Vec::new();
    for (query, descriptors) in [(blobs, &document.blobs), (parts, &document.parts)] {
        let mut query = connection.prepare_cached(query)?;
        for Descriptor { digest, size, .. } in descriptors {
            match query.query_row((repository, digest), |row| row.get::<_, i64>(0)).optional()? {
                None => missing.push(digest.clone()),
                Some(actual) if actual.unsigned_abs() != *size => {
                    return Err(Fault::SizeWrong(format!(
                        "provided length did not match content length: {digest} has {actual} bytes, and the manifest says {size}"
                    )));
                }
                Some(_) => {}
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(Fault::ManifestBlobUnknown(missing)) }
}
