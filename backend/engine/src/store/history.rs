//! How an image came to be (`docker history`).

use super::{Image, Reference, Store, lookup};
use crate::id::ImageId;
use crate::store::Owner;
use crate::time::parse_rfc3339;
use crate::{Error, Result};
use rusqlite::OptionalExtension;

/// One line of `docker history`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryStep {
    /// The image that ended with this step, if the host has it.
    pub image: Option<ImageId>,
    /// `name:tag`, of that image.
    pub tags: Vec<String>,
    /// Nanoseconds since the epoch; 0: the image doesn't say.
    pub created: i64,
    pub created_by: String,
    pub comment: String,
    /// Bytes of its layer.
    pub size: u64,
}

impl Store {
    /// The steps of an image, the last first.
    ///
    /// # Errors
    /// The host has no such image, or its configuration tells of more layers than it has.
    pub(crate) fn history(&self, owner: &Owner, image: &Image) -> Result<Vec<HistoryStep>> {
        self.db.read(|connection| {
            let mut layers = image.config.rootfs.diff_ids.iter();
            let mut size = connection.prepare_cached("SELECT size FROM layers WHERE diff_id = ?1")?;
            let mut steps = Vec::new();
            for step in &image.config.history {
                let bytes: i64 = if step.empty_layer {
                    0
                } else {
                    let layer = layers.next();
                    let layer = layer.ok_or_else(|| Error::system("too many non-empty layers in History section"))?;
                    size.query_row([layer], |row| row.get(0))?
                };
                steps.push(HistoryStep {
                    image: None,
                    tags: Vec::new(),
                    created: step.created.as_deref().map_or(0, parse_rfc3339),
                    created_by: step.created_by.clone(),
                    comment: step.comment.clone(),
                    size: bytes.unsigned_abs(),
                });
            }
            steps.reverse();
            // The image itself, and those that it was made of step by step.
            let mut parent =
                connection.prepare_cached("SELECT parent FROM host_images WHERE host = ?1 AND image = ?2")?;
            let mut next = Some(image.id.clone());
            for step in &mut steps {
                let Some(id) = next else { break };
                let names = lookup::references(connection, owner, &id)?;
                step.tags = names.iter().filter(|name| name.tag().is_some()).map(Reference::to_string).collect();
                next = parent.query_row((owner, &id), |row| row.get(0)).optional()?.flatten();
                step.image = Some(id);
            }
            Ok(steps)
        })
    }
}
