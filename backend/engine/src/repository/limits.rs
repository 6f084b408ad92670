//! How much a registry takes.

use super::{Fault, Repositories, Result};
use rusqlite::Connection;

/// Bytes of the largest manifest: the specification asks for at least as much.
pub const LARGEST_MANIFEST: u64 = 4 << 20;

/// What one registry may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryLimits {
    /// Of blobs and manifests, what two repositories share once.
    pub bytes: u64,
    pub repositories: u32,
    /// Blobs of all repositories together.
    pub blobs: u32,
    /// Tags of one repository, and manifests.
    pub tags: u32,
    /// Uploads at once.
    pub uploads: u32,
}

impl RegistryLimits {
    /// Enough for a room, with so many bytes.
    pub fn with_bytes(bytes: u64) -> Self {
        Self { bytes, repositories: 1_000, blobs: 50_000, tags: 2_000, uploads: 1_000 }
    }
}

impl Repositories {
    /// Bytes that may still come, besides what is on its way.
    pub(super) fn room(&self, connection: &Connection) -> Result<u64> {
        Ok(self.limits.bytes.saturating_sub(self.size(connection)?))
    }

    /// Bytes of what is there.
    fn size(&self, connection: &Connection) -> Result<u64> {
        let sum: i64 = connection
            .prepare_cached(
                "WITH own AS (SELECT id FROM repositories WHERE registry = ?1)
                 SELECT coalesce((SELECT sum(size) FROM blobs
                                  WHERE digest IN (SELECT blob FROM repository_blobs WHERE repository IN own)), 0)
                      + coalesce((SELECT sum(length(content)) FROM manifests WHERE repository IN own), 0)",
            )?
            .query_row([&self.registry], |row| row.get(0))?;
        Ok(sum.unsigned_abs())
    }

    /// Errors: there are as many of something as there may be.
    pub(super) fn check_count(&self, count: i64, most: u32, what: &str) -> Result<()> {
        if count < i64::from(most) {
            return Ok(());
        }
        Err(Fault::Denied(format!(
            "the registry {} has {most} {what}, and that is the most: delete what nobody needs any more",
            self.registry
        )))
    }

    pub(super) fn is_full(&self) -> Fault {
        let gib = self.limits.bytes as f64 / f64::from(1 << 30);
        Fault::Denied(format!(
            "the registry {} is full: it takes {gib:.1} GiB. Delete images that nobody needs any more, or ask who runs it",
            self.registry
        ))
    }
}
