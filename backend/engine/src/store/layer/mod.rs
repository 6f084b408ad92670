//! Layers: a tar comes in, and is there twice afterwards: as a directory to mount, and as a blob that tells its bytes again. Of what a
//! container has written, a skeleton does so with the directory.

use super::blob::Blob;
use super::compression::{Compression, Packed};
use super::skeleton::{self, Recorder, Spool};
use super::unfinished::Unfinished;
use super::{Image, Pack, Store, durable};
use crate::time::now;
use crate::{Error, Result};
use archive::{Limits, Unpacked};
use rusqlite::OptionalExtension;
use std::io::{BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;

/// How much is looked at and copied at a time.
const BUFFER: usize = 256 << 10;

/// A layer that is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// `sha256:…` of the uncompressed tar.
    pub diff_id: String,
    /// Bytes of its files.
    pub size: u64,
    /// Bytes of the uncompressed tar; 0: not known.
    pub tar_size: u64,
}

/// A layer that has come in.
pub(crate) struct TakenIn {
    pub(crate) layer: Layer,
    /// When it was recorded, if it was not there before.
    pub(super) since: Option<i64>,
}

/// What gives a layer's archive again.
pub(crate) enum KeptArchive<'a> {
    Blob(&'a Blob, Compression),
    /// With the layer's directory: see [`skeleton`].
    Skeleton(&'a [u8]),
}

impl TakenIn {
    /// What is to be [forgotten](Store::forget) if it is in vain.
    pub(crate) fn if_new(&self) -> Option<(&str, i64)> {
        Some((self.layer.diff_id.as_str(), self.since?))
    }
}

impl Store {
    /// Takes in a layer from a tar, compressed or not. What comes uncompressed is kept compressed unless it is small,
    /// what comes compressed as it came.
    /// Blocks as long as it comes.
    ///
    /// # Errors
    /// It is broken, hostile, too large, or not what was expected (`diff_id`); the disk is full. Nothing of it stays then.
    pub(crate) fn add_layer(&self, source: impl Read, expected: Option<&str>, limits: Limits) -> Result<Layer> {
        Ok(self.take_in_layer(source, expected, limits)?.layer)
    }

    /// The same, for who may have to [`forget`](Self::forget) it again.
    pub(crate) fn take_in_layer(&self, source: impl Read, expected: Option<&str>, limits: Limits) -> Result<TakenIn> {
        let (unpacking, directory) = self.new_directory()?;
        let (beginning, source) = archive::look(BufReader::with_capacity(BUFFER, source))?;
        let compression = Compression::of(&beginning);
        let (unpacked, blob, stored) = if compression == Compression::None {
            let mut tee = Tee { source, copy: Packed::new(self.clone())? };
            let tar = archive::decompress(&mut tee, limits)?;
            let unpacked = archive::unpack(tar, directory, limits)?;
            let (blob, stored) = tee.copy.finish()?;
            (unpacked, blob, stored)
        } else {
            let mut tee = Tee { source, copy: self.new_blob()? };
            let tar = archive::decompress(&mut tee, limits)?;
            let unpacked = archive::unpack(tar, directory, limits)?;
            (unpacked, tee.copy, compression)
        };
        let Unpacked { diff_id, size, tar_size } = unpacked;
        if let Some(expected) = expected.filter(|expected| *expected != diff_id) {
            return Err(Error::invalid(format!(
                "the layer is not the one that the image names: {diff_id}, not {expected}"
            )));
        }
        let blob = self.keep_blob(blob, None)?;
        let layer = Layer { diff_id, size, tar_size };
        self.keep_layer(layer, &KeptArchive::Blob(&blob, stored), unpacking)
    }

    /// Takes in what a container has written. Its bytes are written once: no archive is kept, but what an archive has beside them.
    ///
    /// # Errors
    /// It can't be read, or is too large; the disk is full. Nothing of it stays then.
    pub(crate) fn take_in_pack(&self, pack: Pack, limits: Limits) -> Result<TakenIn> {
        let cannot = |error: std::io::Error| Error::system(format!("the layer's archive can't be kept: {error}"));
        let (unpacking, directory) = self.new_directory()?;
        let mut pack = pack.recorded_by(Recorder::new(self.clone()).map_err(cannot)?);
        let Unpacked { diff_id, size, tar_size } = archive::unpack(&mut pack, directory, limits)?;
        let layer = Layer { diff_id, size, tar_size };
        let recorder = pack.into_recorder().ok_or_else(|| Error::system("the layer's skeleton is lost"))?;
        let spooled = match recorder.finish().map_err(cannot)? {
            Spool::Memory { bytes, .. } => return self.keep_layer(layer, &KeptArchive::Skeleton(&bytes), unpacking),
            Spool::File(spooled) => spooled.reader().map_err(cannot)?,
        };
        let directory = unpacking.directory().try_clone_to_owned().map_err(cannot)?;
        let mut tar = skeleton::Archive::new(BufReader::new(spooled), directory).map_err(cannot)?;
        let mut packed = Packed::new(self.clone())?;
        std::io::copy(&mut tar, &mut packed).map_err(cannot)?;
        let (blob, stored) = packed.finish()?;
        let blob = self.keep_blob(blob, None)?;
        self.keep_layer(layer, &KeptArchive::Blob(&blob, stored), unpacking)
    }

    /// For a layer to be unpacked into.
    pub(super) fn new_directory(&self) -> Result<(Unfinished, OwnedFd)> {
        let unpacking = self.scratch()?;
        let cannot = |error: std::io::Error| Error::system(format!("The layer can't be unpacked: {error}"));
        // A tar need not say what its root is like; this is what every root is like.
        std::fs::set_permissions(unpacking.path(), PermissionsExt::from_mode(0o755)).map_err(cannot)?;
        let directory = unpacking.directory().try_clone_to_owned().map_err(cannot)?;
        Ok((unpacking, directory))
    }

    fn keep_layer(&self, layer: Layer, archive: &KeptArchive<'_>, unpacked: Unfinished) -> Result<TakenIn> {
        let recorded = self.record_layer(&layer, archive)?;
        let is_new = unpacked.keep(layer.diff_id.trim_start_matches("sha256:"))?;
        self.flusher.wake();
        Ok(TakenIn { layer, since: is_new.then_some(recorded) })
    }

    /// A layer, if it is there; it stays for a while, too.
    pub(crate) fn find_layer(&self, diff_id: &str) -> Result<Option<Layer>> {
        let found: Option<(i64, i64)> = self.db.with(|connection| {
            let update = "UPDATE layers SET used = ?2 WHERE diff_id = ?1 RETURNING size, tar_size";
            Ok(connection.query_row(update, (diff_id, now()), |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
        })?;
        // A kill between the row and the name leaves a row only.
        let Some((size, tar_size)) = found.filter(|_| self.layer_path(diff_id).is_dir()) else { return Ok(None) };
        let (size, tar_size) = (size.unsigned_abs(), tar_size.unsigned_abs());
        Ok(Some(Layer { diff_id: diff_id.to_owned(), size, tar_size }))
    }

    /// The blobs that hold a layer, with how each is compressed.
    pub(crate) fn blobs_of_layer(&self, diff_id: &str) -> Result<Vec<(Blob, Compression)>> {
        let rows: Vec<(String, String)> = self.db.read(|connection| {
            connection
                .prepare_cached("SELECT blob, compression FROM layer_blobs WHERE diff_id = ?1 ORDER BY blob")?
                .query_map([diff_id], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()
                .map_err(Error::from)
        })?;
        let mut blobs = Vec::new();
        for (digest, compression) in rows {
            if let (Some(blob), Some(compression)) = (self.find_blob(&digest)?, Compression::named(&compression)) {
                blobs.push((blob, compression));
            }
        }
        Ok(blobs)
    }

    /// Whether the archives of all layers can be had, which older versions did not keep.
    pub(crate) fn keeps_archives(&self, image: &Image) -> Result<bool> {
        for diff_id in &image.config.rootfs.diff_ids {
            if !self.keeps_archive(diff_id)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a layer's archive can be had.
    pub(crate) fn keeps_archive(&self, diff_id: &str) -> Result<bool> {
        Ok(!self.blobs_of_layer(diff_id)?.is_empty() || skeleton::is_kept(self, diff_id)?)
    }

    /// The uncompressed tar of a layer: the very bytes that its digest is of.
    ///
    /// # Errors
    /// There is neither a blob nor a skeleton of it.
    pub(crate) fn open_layer(&self, diff_id: &str) -> Result<Box<dyn Read + Send>> {
        let mut blobs = self.blobs_of_layer(diff_id)?;
        // The quickest to read first.
        blobs.sort_by_key(|(_, compression)| compression.cost());
        let Some((blob, _)) = blobs.into_iter().next() else {
            if let Some(archive) = skeleton::open(self, diff_id)? {
                return Ok(Box::new(archive));
            }
            return Err(Error::system(format!(
                "layer {diff_id} was made by an older Lernhafen, which did not keep its archive: build its image again"
            )));
        };
        let file = BufReader::with_capacity(BUFFER, self.open_blob(&blob.digest)?);
        // It has been checked when it came.
        Ok(Box::new(archive::decompress(file, Limits { ratio: u64::MAX, ..Limits::default() })?))
    }

    /// Writes down what a layer's archive is made of, and when it did so.
    pub(crate) fn record_layer(&self, layer: &Layer, archive: &KeptArchive<'_>) -> Result<i64> {
        let now = now();
        let number =
            |number: u64| i64::try_from(number).map_err(|_| Error::invalid("The layer is larger than any disk."));
        let (size, tar_size) = (number(layer.size)?, number(layer.tar_size)?);
        // Then it stays as it is, on the disk or not.
        let is_there = self.layer_path(&layer.diff_id).is_dir();
        self.db.with(|connection| {
            let transaction = connection.transaction()?;
            transaction.execute(
                "INSERT INTO layers (diff_id, size, tar_size, used, unsynced) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (diff_id) DO UPDATE SET size = excluded.size, tar_size = excluded.tar_size, used = excluded.used,
                 unsynced = iif(?6, layers.unsynced, excluded.unsynced)",
                (&layer.diff_id, size, tar_size, now, durable::mark(), is_there),
            )?;
            // What was taken in before may have been counted otherwise, without where links lead.
            transaction.execute(
                "UPDATE images SET size = (SELECT sum(layers.size) FROM image_layers JOIN layers USING (diff_id) WHERE image = id)
                 WHERE id IN (SELECT image FROM image_layers WHERE diff_id = ?1)",
                [&layer.diff_id],
            )?;
            match archive {
                KeptArchive::Blob(blob, compression) => transaction.execute(
                    "INSERT OR REPLACE INTO layer_blobs (blob, diff_id, compression) VALUES (?1, ?2, ?3)",
                    (&blob.digest, &layer.diff_id, compression.name()),
                )?,
                KeptArchive::Skeleton(bytes) => transaction
                    .execute("UPDATE layers SET skeleton = ?2 WHERE diff_id = ?1", (&layer.diff_id, bytes))?,
            };
            transaction.commit()?;
            Ok(now)
        })
    }
}

/// Copies what is read.
struct Tee<R, W> {
    source: R,
    copy: W,
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.copy.write_all(&buffer[..read])?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
