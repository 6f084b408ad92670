//! What of the store is on the disk, and what the kernel holds in memory only.
//!
//! To wait for the disk would make everybody wait who commits or pulls, and for whatever else was written to the same file system.
//! So layers and their archives are marked while they may be in memory only, and a moment later they are made to last, all at once.
//! What is marked by an earlier boot is looked at when the store is opened: see [`super::repair`].

use super::Store;
use crate::db::Database;
use crate::time::now;
use crate::{Error, Result};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// How long the disk is left alone, so that what comes meanwhile goes with it.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes to the disk in the background, for as long as one of its clones is there.
#[derive(Debug, Clone)]
pub(super) struct Flusher(SyncSender<()>);

impl Flusher {
    /// For the store in these directories, which are in one file system.
    pub(super) fn start(layers: &Path, blobs: &Path, db: Database) -> Result<Self> {
        let (wake, woken) = sync_channel(1);
        let unsynced = Unsynced { layers: layers.to_owned(), blobs: blobs.to_owned(), db };
        std::thread::Builder::new()
            .name("flusher".to_owned())
            .spawn(move || run(&unsynced, &woken))
            .map_err(|error| Error::system(format!("no thread can be made that writes images to the disk: {error}")))?;
        Ok(Self(wake))
    }

    /// There is something to write.
    pub(super) fn wake(&self) {
        // Full: it is about to look anyway.
        let _ = self.0.try_send(());
    }
}

impl Store {
    /// Waits until all that is in the store is on the disk.
    ///
    /// # Errors
    /// The disk fails.
    pub(super) fn flush(&self) -> Result<()> {
        Unsynced { layers: self.layers.clone(), blobs: self.blobs.clone(), db: self.db.clone() }.flush()
    }
}

/// What a row says that is written now and not yet on the disk.
pub(super) fn mark() -> String {
    format!("{} {}", boot(), now())
}

/// The boot that this process runs in.
pub(super) fn boot() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map_or_else(|_| "unknown".to_owned(), |boot| boot.trim().to_owned())
    })
}

struct Unsynced {
    layers: PathBuf,
    blobs: PathBuf,
    db: Database,
}

impl Unsynced {
    fn flush(&self) -> Result<()> {
        // Only what has its name by now: the name is to be on the disk, too.
        let layers = self.marked("SELECT diff_id, unsynced FROM layers WHERE unsynced IS NOT NULL", &self.layers)?;
        let blobs = self.marked("SELECT digest, unsynced FROM blobs WHERE unsynced IS NOT NULL", &self.blobs)?;
        if layers.is_empty() && blobs.is_empty() {
            return Ok(());
        }
        let cannot =
            |e: std::io::Error| Error::system(format!("{} can't be written to the disk: {e}", self.layers.display()));
        let directory = File::open(&self.layers).map_err(cannot)?;
        rustix::fs::syncfs(directory).map_err(|e| cannot(e.into()))?;
        self.db.with(|connection| {
            let transaction = connection.transaction()?;
            // What was written anew meanwhile has another mark.
            for row in layers {
                transaction.execute("UPDATE layers SET unsynced = NULL WHERE diff_id = ?1 AND unsynced = ?2", row)?;
            }
            for row in blobs {
                transaction.execute("UPDATE blobs SET unsynced = NULL WHERE digest = ?1 AND unsynced = ?2", row)?;
            }
            Ok(transaction.commit()?)
        })
    }

    fn marked(&self, query: &str, directory: &Path) -> Result<Vec<(String, String)>> {
        let mut rows: Vec<(String, String)> = self.db.read(|connection| {
            let mut query = connection.prepare_cached(query)?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        rows.retain(|(digest, _)| directory.join(digest.trim_start_matches("sha256:")).exists());
        Ok(rows)
    }
}

fn run(unsynced: &Unsynced, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        std::thread::sleep(PAUSE);
        let _ = woken.try_recv();
        if let Err(error) = unsynced.flush() {
            tracing::error!(%error, "images may be lost if the machine crashes now");
        }
    }
}
