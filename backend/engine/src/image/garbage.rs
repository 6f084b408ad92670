//! What nobody refers to any more goes: images, their layers, blobs.
//!
//! Counted by asking the database, never by counters that could be wrong after a kill. First the row goes, then the file; what has
//! no row is swept at the next start. What was wanted a moment ago stays for a while: somebody may be about to refer to it.

use super::{Store, unfinished};
use crate::time::now;
use crate::{Error, Result};
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

/// How long what nobody refers to is kept: longer than a pull takes to need it.
pub(crate) const GRACE: Duration = Duration::from_hours(1);

/// Host images that nobody has, and that no container was made of.
const UNUSED_IMAGES: &str = "DELETE FROM images WHERE id NOT IN (SELECT image FROM host_images)
    AND id NOT IN (SELECT json_extract(record, '$.image_id') FROM containers) RETURNING id";

const UNUSED_LAYERS: &str = "DELETE FROM layers WHERE used < ?1
    AND diff_id NOT IN (SELECT diff_id FROM image_layers) RETURNING diff_id";

const UNUSED_BLOBS: &str = "DELETE FROM blobs WHERE used < ?1
    AND digest NOT IN (SELECT blob FROM layer_blobs) RETURNING digest";

const FORGOTTEN_LAYER: &str = "DELETE FROM layers WHERE diff_id = ?1 AND used = ?2
    AND diff_id NOT IN (SELECT diff_id FROM image_layers) RETURNING diff_id";

const FORGOTTEN_BLOB: &str = "DELETE FROM blobs WHERE digest = ?1 AND used <= ?2
    AND digest NOT IN (SELECT blob FROM layer_blobs) RETURNING digest";

impl Store {
    /// Removes what nobody refers to, and has not been wanted for so long. Can be killed at any instant. Blocks.
    ///
    /// # Errors
    /// The database can't be asked.
    pub(crate) fn collect_garbage(&self, grace: Duration) -> Result<()> {
        let grace = i64::try_from(grace.as_nanos()).unwrap_or(i64::MAX);
        let before = now().saturating_sub(grace);
        let (images, layers, blobs) = self.db.with(|connection| {
            let transaction = connection.transaction()?;
            let images = gone(&transaction, UNUSED_IMAGES, [])?;
            let layers = gone(&transaction, UNUSED_LAYERS, [before])?;
            let blobs = gone(&transaction, UNUSED_BLOBS, [before])?;
            transaction.commit()?;
            Ok((images, layers, blobs))
        })?;
        self.discard(&layers, &blobs);
        if !(images.is_empty() && layers.is_empty() && blobs.is_empty()) {
            tracing::debug!(
                images = images.len(),
                layers = layers.len(),
                blobs = blobs.len(),
                "removed what nobody refers to"
            );
        }
        Ok(())
    }

    /// Removes layers that were taken in, and recorded then, for something that has failed, unless somebody refers to one, or has
    /// wanted it since. What can't be removed now is collected later.
    pub(crate) fn forget(&self, layers: &[(String, i64)]) {
        if layers.is_empty() {
            return;
        }
        let forgotten = self.db.with(|connection| {
            let transaction = connection.transaction()?;
            let (mut layers_gone, mut blobs_gone) = (Vec::new(), Vec::new());
            for (layer, since) in layers {
                let blobs: Vec<String> = transaction
                    .prepare_cached("SELECT blob FROM layer_blobs WHERE diff_id = ?1")?
                    .query_map([layer], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                layers_gone.extend(gone(&transaction, FORGOTTEN_LAYER, (layer, since))?);
                for blob in blobs {
                    blobs_gone.extend(gone(&transaction, FORGOTTEN_BLOB, (blob, since))?);
                }
            }
            transaction.commit()?;
            Ok((layers_gone, blobs_gone))
        });
        match forgotten {
            Ok((layers, blobs)) => self.discard(&layers, &blobs),
            Err(error) => tracing::warn!(%error, "what has failed to come in stays for a while"),
        }
    }

    fn discard(&self, layers: &[String], blobs: &[String]) {
        layers.iter().for_each(|layer| unfinished::discard(&self.layer_path(layer)));
        blobs.iter().for_each(|blob| remove_file(&self.blob_path(blob)));
    }

    /// Removes the files that have no row: their rows went before a kill.
    pub(super) fn sweep(&self) -> Result<()> {
        let (layers, blobs) = self.db.with(|connection| {
            let names = |query: &str| -> Result<HashSet<String>> {
                let digests =
                    connection.prepare(query)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
                Ok(digests.iter().map(|digest| digest.trim_start_matches("sha256:").to_owned()).collect())
            };
            Ok((names("SELECT diff_id FROM layers")?, names("SELECT digest FROM blobs")?))
        })?;
        for (directory, known) in [(&self.layers, layers), (&self.blobs, blobs)] {
            let cannot = |error| Error::system(format!("{} can't be read: {error}", directory.display()));
            for entry in std::fs::read_dir(directory).map_err(cannot)? {
                let entry = entry.map_err(cannot)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if known.contains(&name) || unfinished::is_unfinished(&name) {
                    continue;
                }
                if entry.path().is_dir() { unfinished::discard(&entry.path()) } else { remove_file(&entry.path()) }
            }
        }
        Ok(())
    }
}

fn gone(
    transaction: &rusqlite::Transaction<'_>,
    delete: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<String>> {
    Ok(transaction.prepare(delete)?.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn remove_file(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::error!(path = %path.display(), %error, "cannot delete a blob");
    }
}

#[cfg(test)]
mod tests;
