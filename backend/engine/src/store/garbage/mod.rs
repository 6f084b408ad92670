//! What nobody refers to any more goes: images, their layers, blobs, what was begun to be pushed into a registry.
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

/// So many times as long is kept what clients of a registry have begun and not gone on with: a day.
const PATIENCE_WITH_CLIENTS: u32 = 24;

/// Host images that nobody has, and that no container was made of.
const UNUSED_IMAGES: &str = "DELETE FROM images WHERE id NOT IN (SELECT image FROM host_images)
    AND id NOT IN (SELECT json_extract(record, '$.image_id') FROM containers) RETURNING id";

const UNUSED_LAYERS: &str = "DELETE FROM layers WHERE used < ?1
    AND diff_id NOT IN (SELECT diff_id FROM image_layers) RETURNING diff_id";

const UNUSED_BLOBS: &str = "DELETE FROM blobs WHERE used < ?1
    AND digest NOT IN (SELECT blob FROM layer_blobs)
    AND digest NOT IN (SELECT blob FROM repository_blobs) RETURNING digest";

/// What was pushed into a registry for a manifest that never came, or has gone.
const UNUSED_REPOSITORY_BLOBS: &str = "DELETE FROM repository_blobs WHERE used < ?1 AND NOT EXISTS (
    SELECT 1 FROM manifest_blobs AS referred
    WHERE referred.repository = repository_blobs.repository AND referred.blob = repository_blobs.blob)";

const EMPTY_REPOSITORIES: &str = "DELETE FROM repositories WHERE id NOT IN (SELECT repository FROM repository_blobs)
    AND id NOT IN (SELECT repository FROM manifests)";

const ABANDONED_UPLOADS: &str = "DELETE FROM uploads WHERE used < ?1 RETURNING id";

const FORGOTTEN_LAYER: &str = "DELETE FROM layers WHERE diff_id = ?1 AND used <= ?2
    AND diff_id NOT IN (SELECT diff_id FROM image_layers) RETURNING diff_id";

const FORGOTTEN_BLOB: &str = "DELETE FROM blobs WHERE digest = ?1 AND used <= ?2
    AND digest NOT IN (SELECT blob FROM layer_blobs)
    AND digest NOT IN (SELECT blob FROM repository_blobs) RETURNING digest";

impl Store {
    /// Removes what nobody refers to, and has not been wanted for so long. Can be killed at any instant. Blocks.
    ///
    /// # Errors
    /// The database can't be asked.
    pub(crate) fn collect_garbage(&self, grace: Duration) -> Result<()> {
        let before = |grace: Duration| now().saturating_sub(i64::try_from(grace.as_nanos()).unwrap_or(i64::MAX));
        let (before, long_before) = (before(grace), before(grace.saturating_mul(PATIENCE_WITH_CLIENTS)));
        let (images, layers, blobs, uploads) = self.db.with(|connection| {
            let transaction = connection.transaction()?;
            transaction.execute(UNUSED_REPOSITORY_BLOBS, [long_before])?;
            transaction.execute(EMPTY_REPOSITORIES, [])?;
            let uploads = gone(&transaction, ABANDONED_UPLOADS, [long_before])?;
            let images = gone(&transaction, UNUSED_IMAGES, [])?;
            let layers = gone(&transaction, UNUSED_LAYERS, [before])?;
            let blobs = gone(&transaction, UNUSED_BLOBS, [before])?;
            transaction.commit()?;
            Ok((images, layers, blobs, uploads))
        })?;
        self.discard(&layers, &blobs)?;
        for upload in &uploads {
            remove_file(&self.uploads.join(upload));
        }
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

    /// Removes layers that were taken in, and last wanted then, for something that has failed, unless somebody refers to one, or has
    /// wanted it since. What can't be removed now is collected later.
    pub(crate) fn forget<'a>(&self, layers: impl IntoIterator<Item = (&'a str, i64)>) {
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
            Err(error) => Err(error),
        }
        .unwrap_or_else(|error| tracing::warn!(%error, "what has failed to come in stays for a while"));
    }

    /// Removes the files of what has no row any more. Nobody writes a row meanwhile, and rows come before files: what has none has no
    /// file that somebody counts on.
    fn discard(&self, layers: &[String], blobs: &[String]) -> Result<()> {
        let mut moved = Vec::new();
        self.db.with(|connection| {
            let transaction = connection.transaction()?;
            let mut layer_is_back = transaction.prepare("SELECT 1 FROM layers WHERE diff_id = ?1")?;
            for layer in layers {
                if !layer_is_back.exists([layer])? {
                    moved.extend(unfinished::put_aside(&self.layer_path(layer)));
                }
            }
            let mut blob_is_back = transaction.prepare("SELECT 1 FROM blobs WHERE digest = ?1")?;
            for blob in blobs {
                if !blob_is_back.exists([blob])? {
                    remove_file(&self.blob_path(blob));
                }
            }
            Ok(())
        })?;
        moved.iter().for_each(|path| crate::tree::remove(path));
        Ok(())
    }

    /// Removes the files that have no row: their rows went before a kill.
    pub(super) fn sweep(&self) -> Result<()> {
        let queries = ["SELECT diff_id FROM layers", "SELECT digest FROM blobs", "SELECT id FROM uploads"];
        for (directory, query) in [&self.layers, &self.blobs, &self.uploads].into_iter().zip(queries) {
            let cannot = |error| Error::system(format!("{} can't be read: {error}", directory.display()));
            // Before the rows: another process may be adding to both, and a file never comes before its row.
            let entries: Vec<_> = std::fs::read_dir(directory).and_then(Iterator::collect).map_err(cannot)?;
            let known = self.names(query)?;
            for entry in entries {
                let name = entry.file_name().to_string_lossy().into_owned();
                if known.contains(&name) || unfinished::is_unfinished(&name) {
                    continue;
                }
                if entry.path().is_dir() { unfinished::discard(&entry.path()) } else { remove_file(&entry.path()) }
            }
        }
        Ok(())
    }

    fn names(&self, query: &str) -> Result<HashSet<String>> {
        self.db.with(|connection| {
            let names =
                connection.prepare(query)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
            Ok(names.iter().map(|name| name.trim_start_matches("sha256:").to_owned()).collect())
        })
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
        tracing::error!(path = %path.display(), %error, "cannot delete what nobody refers to");
    }
}

#[cfg(test)]
mod tests;
