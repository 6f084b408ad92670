//! Which images were made of which.

use super::Store;
use super::lookup::{find, found};
use crate::Result;
use crate::id::ImageId;
use crate::store::Owner;
use std::collections::HashSet;

impl Store {
    /// The images of a host that others of it were made of.
    pub(crate) fn parents(&self, owner: &Owner) -> Result<HashSet<ImageId>> {
        self.db.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT DISTINCT parent FROM host_images WHERE host = ?1 AND parent NOTNULL")?;
            Ok(query.query_map([owner], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// Whether an image is the one that `name` means on this host, or was made of that.
    pub(crate) fn descends(&self, owner: &Owner, id: &ImageId, name: &str) -> Result<bool> {
        self.db.read(|connection| {
            let Some(ancestor) = found(find(connection, owner, name))? else { return Ok(false) };
            let line = "WITH RECURSIVE line (image) AS (
                    SELECT ?2 UNION SELECT parent FROM host_images JOIN line USING (image) WHERE host = ?1 AND parent NOTNULL)
                SELECT EXISTS (SELECT 1 FROM line WHERE image = ?3)";
            Ok(connection.prepare_cached(line)?.query_row((owner, id, &ancestor), |row| row.get(0))?)
        })
    }
}
