//! What a crash of the machine may have left half written is checked, and made again of what is whole.

use super::{Store, digest, durable, unfinished};
use crate::{Error, Result};
use archive::Limits;
use rustix::fs::FlockOperation;
use std::fs::File;
use std::io;

const SUSPECT_BLOBS: &str = "SELECT digest FROM blobs WHERE unsynced IS NOT NULL AND instr(unsynced, ?1) <> 1";

const SUSPECT_LAYERS: &str = "SELECT diff_id FROM layers WHERE unsynced IS NOT NULL AND instr(unsynced, ?1) <> 1";

impl Store {
    /// Looks at what was written in an earlier boot and isn't known to have reached the disk. Blobs are hashed; layers are unpacked
    /// again from theirs, or from their own files and what else their archive had. Images whose layers can't be made again go: their owners pull or build them anew. Can be killed at any instant.
    pub(super) fn repair(&self) -> Result<()> {
        let cannot = |e: io::Error| Error::system(format!("{} can't be locked: {e}", self.layers.display()));
        let lock = File::open(&self.layers).map_err(cannot)?;
        // Another process may be repairing: then there is nothing left to do.
        rustix::fs::flock(&lock, FlockOperation::LockExclusive).map_err(|e| cannot(e.into()))?;
        for blob in self.suspects(SUSPECT_BLOBS)? {
            if self.is_whole(&blob) {
                self.change("UPDATE blobs SET unsynced = NULL WHERE digest = ?1", &blob)?;
            } else {
                tracing::warn!(blob, "a crash of the machine has damaged a layer's archive: it is removed");
                self.change("DELETE FROM blobs WHERE digest = ?1", &blob)?;
            }
        }
        for layer in self.suspects(SUSPECT_LAYERS)? {
            if let Err(error) = self.unpack_again(&layer) {
                tracing::error!(layer, %error, "a crash of the machine has damaged a layer: its images are removed");
                let images = "DELETE FROM images WHERE id IN (SELECT image FROM image_layers WHERE diff_id = ?1)";
                self.change(images, &layer)?;
                self.change("DELETE FROM layers WHERE diff_id = ?1", &layer)?;
                unfinished::discard(&self.layer_path(&layer));
            }
        }
        Ok(())
    }

    fn suspects(&self, query: &str) -> Result<Vec<String>> {
        self.db.read(|connection| {
            let mut query = connection.prepare(query)?;
            let rows = query.query_map([durable::boot()], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn change(&self, statement: &str, of: &str) -> Result<()> {
        self.db.with(|connection| Ok(connection.execute(statement, [of]).map(drop)?))
    }

    fn is_whole(&self, blob: &str) -> bool {
        let Ok(file) = self.open_blob(blob) else { return false };
        digest::of_reader(file).is_ok_and(|digest| digest == blob)
    }

    fn unpack_again(&self, layer: &str) -> Result<()> {
        // It has been checked when it came.
        let limits = Limits { ratio: u64::MAX, ..Limits::default() };
        let (unpacking, directory) = self.new_directory()?;
        let unpacked = archive::unpack(self.open_layer(layer)?, directory, limits)?;
        if unpacked.diff_id != layer {
            return Err(Error::invalid(format!("what is left of it is {}", unpacked.diff_id)));
        }
        unpacking.replace(layer.trim_start_matches("sha256:"))?;
        self.db.with(|connection| {
            let update = "UPDATE layers SET unsynced = ?2 WHERE diff_id = ?1";
            Ok(connection.execute(update, (layer, durable::mark())).map(drop)?)
        })
    }
}

#[cfg(test)]
mod tests;
