//! What says something about a manifest: signatures, lists of contents.

use super::list::bound;
use super::names::check_digest;
use super::{Repositories, Result};
use std::collections::BTreeMap;

/// Annotations of so many bytes are enough for one answer.
const LARGEST_ANSWER: usize = 2 << 20;

/// A manifest whose `subject` is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referrer {
    pub media_type: String,
    pub digest: String,
    /// Bytes.
    pub size: u64,
    pub artifact_type: Option<String>,
    pub annotations: Option<BTreeMap<String, String>>,
}

impl Repositories {
    /// Those of a manifest, which need not be there, in the order of their digests: at most `most`, and fewer if they are large, after
    /// `last`. With `artifact_type`, only those of that type. A repository that isn't there has none.
    ///
    /// # Errors
    /// The name or the digest is none.
    pub fn referrers(
        &self,
        repository: &str,
        subject: &str,
        artifact_type: Option<&str>,
        most: usize,
        last: &str,
    ) -> Result<Vec<Referrer>> {
        self.check_name(repository)?;
        check_digest(subject)?;
        self.read(|connection| {
            let Some(repository) = self.find(connection, repository)? else { return Ok(Vec::new()) };
            let mut query = connection.prepare_cached(
                "SELECT media_type, digest, length(content), artifact_type, annotations FROM manifests
                 WHERE repository = ?1 AND subject = ?2 AND (?3 IS NULL OR artifact_type = ?3) AND digest > ?4
                 ORDER BY digest LIMIT ?5",
            )?;
            let mut rows = query.query((repository, subject, artifact_type, last, bound(most)))?;
            let (mut referrers, mut size) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let annotations: Option<String> = row.get(4)?;
                size += annotations.as_ref().map_or(0, String::len);
                if size > LARGEST_ANSWER && !referrers.is_empty() {
                    break;
                }
                referrers.push(Referrer {
                    media_type: row.get(0)?,
                    digest: row.get(1)?,
                    size: row.get::<_, i64>(2)?.unsigned_abs(),
                    artifact_type: row.get(3)?,
                    annotations: annotations.and_then(|text| serde_json::from_str(&text).ok()),
                });
            }
            Ok(referrers)
        })
    }
}
