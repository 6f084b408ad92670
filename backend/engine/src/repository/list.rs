//! What there is: repositories, and tags of one.

use super::{Repositories, Result};

impl Repositories {
    /// Names of the repositories that have something, in the order of their bytes: at most `most`, after `last`.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn repositories(&self, most: usize, last: &str) -> Result<Vec<String>> {
        self.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT name FROM repositories WHERE registry = ?1 AND name > ?2
                 AND EXISTS (SELECT 1 FROM manifests WHERE repository = id) ORDER BY name LIMIT ?3",
            )?;
            let names = query.query_map((&*self.registry, last, bound(most)), |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    /// Tags of a repository, in the order of their bytes: at most `most`, after `last`.
    ///
    /// # Errors
    /// There is no such repository.
    pub fn tags(&self, repository: &str, most: usize, last: &str) -> Result<Vec<String>> {
        self.read(|connection| {
            let repository = self.known(connection, repository)?;
            let mut query = connection.prepare_cached(
                "SELECT tag FROM repository_tags WHERE repository = ?1 AND tag > ?2 ORDER BY tag LIMIT ?3",
            )?;
            let tags = query.query_map((repository, last, bound(most)), |row| row.get(0))?;
            Ok(tags.collect::<Result<_, _>>()?)
        })
    }
}

pub(super) fn bound(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
