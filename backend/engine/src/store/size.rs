//! How much images take, of what, and with whom they share it.

use super::{Owner, Store};
use crate::Result;
use crate::id::ImageId;
use rusqlite::Params;
use std::collections::HashMap;

impl Store {
    /// Of each image of a host, the bytes of its layers that other images of the host have, too.
    pub(crate) fn shared_sizes(&self, owner: &Owner) -> Result<HashMap<ImageId, u64>> {
        self.db.read(|connection| {
            let mut query = connection.prepare_cached(
                "WITH own AS (SELECT DISTINCT image, diff_id FROM image_layers JOIN host_images USING (image) WHERE host = ?1),
                      shared AS (SELECT diff_id FROM own GROUP BY diff_id HAVING count(*) > 1)
                 SELECT image, sum(size) FROM own JOIN shared USING (diff_id) JOIN layers USING (diff_id) GROUP BY image",
            )?;
            let rows = query.query_map([owner], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Bytes of the layers of a host's images, each counted once.
    pub(crate) fn layers_size(&self, owner: &Owner) -> Result<u64> {
        self.sum(
            "SELECT coalesce(sum(size), 0) FROM layers WHERE diff_id IN
             (SELECT diff_id FROM image_layers JOIN host_images USING (image) WHERE host = ?1)",
            (owner,),
        )
    }

    /// Bytes of the layers that a host's images have beyond the catalogue's.
    pub(crate) fn own_size(&self, owner: &Owner) -> Result<u64> {
        self.sum(
            "SELECT coalesce(sum(size), 0) FROM layers
             WHERE diff_id IN (SELECT diff_id FROM image_layers JOIN host_images USING (image) WHERE host = ?1)
             AND diff_id NOT IN (SELECT diff_id FROM image_layers JOIN host_images USING (image) WHERE host = ?2)",
            (owner, Owner::Catalogue),
        )
    }

    fn sum(&self, query: &str, parameters: impl Params) -> Result<u64> {
        self.db.read(|connection| {
            let sum: i64 = connection.prepare_cached(query)?.query_row(parameters, |row| row.get(0))?;
            Ok(sum.unsigned_abs())
        })
    }
}
