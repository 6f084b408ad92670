//! The blobs that a repository has.

use super::access::count;
use super::names::check_digest;
use super::{Fault, Repositories, Result};
use crate::store::Blob;
use crate::time::now;
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;

impl Repositories {
    /// A blob of a repository. It stays for a while, too: a client that finds it doesn't send it.
    ///
    /// # Errors
    /// The repository doesn't have it.
    pub fn blob(&self, repository: &str, digest: &str) -> Result<Blob> {
        self.check_name(repository)?;
        check_digest(digest)?;
        let unknown = || Fault::BlobUnknown(digest.to_owned());
        let is_there = self.change(|connection| {
            let Some(repository) = self.find(connection, repository)? else { return Ok(false) };
            let touch = "UPDATE repository_blobs SET used = ?3 WHERE repository = ?1 AND blob = ?2";
            Ok(connection.execute(touch, (repository, digest, now()))? > 0)
        })?;
        if !is_there {
            return Err(unknown());
        }
        self.store.find_blob(digest)?.ok_or_else(unknown)
    }

    /// The same, and its bytes.
    ///
    /// # Errors
    /// The repository doesn't have it.
    pub fn open_blob(&self, repository: &str, digest: &str) -> Result<(Blob, File)> {
        let blob = self.blob(repository, digest)?;
        let file = self.store.open_blob(digest)?;
        Ok((blob, file))
    }

    /// Gives a repository a blob that another one of the registry has: `from`, or any. Everybody can read all of them.
    /// Whether there was such a blob.
    ///
    /// # Errors
    /// The digest is none, or a limit is reached.
    pub fn mount(&self, repository: &str, digest: &str, from: Option<&str>) -> Result<bool> {
        self.check_name(repository)?;
        check_digest(digest)?;
        self.change(|connection| {
            let source: Option<i64> = connection
                .prepare_cached(
                    "SELECT repository FROM repository_blobs JOIN repositories ON id = repository
                     WHERE registry = ?1 AND blob = ?2 AND (?3 IS NULL OR name = ?3) LIMIT 1",
                )?
                .query_row((&*self.registry, digest, from), |row| row.get(0))
                .optional()?;
            if source.is_none() {
                return Ok(false);
            }
            self.give_blob(connection, repository, digest)?;
            Ok(true)
        })
    }

    /// Takes a blob from a repository.
    ///
    /// # Errors
    /// It doesn't have it, or a manifest of it refers to it.
    pub fn delete_blob(&self, repository: &str, digest: &str) -> Result<()> {
        check_digest(digest)?;
        self.change(|connection| {
            let repository = self.known(connection, repository)?;
            let user: Option<String> = connection
                .prepare_cached("SELECT manifest FROM manifest_blobs WHERE repository = ?1 AND blob = ?2 LIMIT 1")?
                .query_row((repository, digest), |row| row.get(0))
                .optional()?;
            if let Some(manifest) = user {
                return Err(Fault::InUse(format!(
                    "blob {digest} is a part of manifest {manifest}, which would be broken without it: delete that first"
                )));
            }
            let delete = "DELETE FROM repository_blobs WHERE repository = ?1 AND blob = ?2";
            match connection.execute(delete, (repository, digest))? {
                0 => Err(Fault::BlobUnknown(digest.to_owned())),
                _ => Ok(()),
            }
        })
    }

    /// Writes down that a repository has a blob, which must be in the store.
    pub(super) fn give_blob(&self, connection: &Connection, repository: &str, digest: &str) -> Result<()> {
        let repository = self.find_or_make(connection, repository)?;
        let blobs = "SELECT count(*) FROM repository_blobs JOIN repositories ON id = repository WHERE registry = ?1";
        let blobs = count(connection, blobs, [&*self.registry])?;
        self.check_count(blobs, self.limits.blobs, "blobs")?;
        connection.execute(
            "INSERT INTO repository_blobs (repository, blob, used) VALUES (?1, ?2, ?3)
             ON CONFLICT (repository, blob) DO UPDATE SET used = excluded.used",
            (repository, digest, now()),
        )?;
        Ok(())
    }
}
