//! The one SQLite file of a data directory: the records of hosts, containers and images.

mod migrations;

use crate::{Error, Result};
use parking_lot::Mutex;
use rusqlite::{Connection, TransactionBehavior};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};

/// The database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Database(Arc<Connections>);

#[derive(Debug)]
struct Connections {
    path: PathBuf,
    /// The only one that writes: SQLite has no place for two.
    writer: Mutex<Connection>,
    /// Those that read, and wait for nobody, while nobody needs them.
    readers: Mutex<Vec<Connection>>,
}

/// How long SQLite may wait for another connection.
const BUSY: Duration = Duration::from_secs(5);

/// Connections that are kept for the next who read.
const MOST_READERS: usize = 4;

impl Database {
    /// Opens `<data_dir>/lernhafen.db`, makes both if they are not there (for root only), and brings the
    /// tables up to date.
    ///
    /// # Errors
    /// The file can't be opened, is no database, or was written by a newer version.
    pub fn open(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("lernhafen.db");
        let cannot =
            |e: &dyn std::fmt::Display| Error::system(format!("The database {} can't be opened: {e}", path.display()));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(|e| cannot(&e))?;
        // SQLite would make the file readable for everybody, and gives its journal the mode of the file.
        let mut file = std::fs::OpenOptions::new();
        file.append(true).create(true).mode(0o600).open(&path).map_err(|e| cannot(&e))?;

        let mut connection = Connection::open(&path).map_err(|e| cannot(&e))?;
        prepare(&mut connection).map_err(|e| cannot(&e))?;
        Ok(Self(Arc::new(Connections { path, writer: Mutex::new(connection), readers: Mutex::default() })))
    }

    /// Does `work` on the connection that writes, which is its own for so long. Blocks; keep it short. On a worker of tokio's that costs
    /// nothing as long as nobody else writes; whoever has to wait hands over what else the worker had to do.
    ///
    /// What must happen together or not at all goes into one [`rusqlite::Connection::transaction`].
    ///
    /// # Errors
    /// Those of `work`; an error of SQLite becomes one of [`crate::ErrorKind::System`].
    pub fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        // A panic elsewhere has left no half transaction: dropping one rolls it back.
        let mut connection = self.0.writer.try_lock().unwrap_or_else(|| waiting(|| self.0.writer.lock()));
        work(&mut connection)
    }

    /// Does `work` that only reads, on what was last written, whatever is being written meanwhile.
    ///
    /// # Errors
    /// Those of `work`; an error of SQLite becomes one of [`crate::ErrorKind::System`].
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let free = self.0.readers.lock().pop();
        let mut connection = free.map_or_else(|| reader(&self.0.path), Ok)?;
        // All that it reads is of one moment.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let done = work(&transaction);
        transaction.finish()?;
        let mut readers = self.0.readers.lock();
        if readers.len() < MOST_READERS {
            readers.push(connection);
        }
        done
    }
}

/// Does what may wait for long, without keeping from their turn the tasks of the worker that this may be.
fn waiting<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn reader(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::system(format!("The database did not answer as it should: {error}"))
    }
}

fn prepare(connection: &mut Connection) -> Result<()> {
    connection.busy_timeout(BUSY)?;
    // A transaction that reads first and writes then would fail at once, without waiting, if another process (one that builds images) has
    // written between the two.
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrations::apply(connection)
}

#[cfg(test)]
mod tests;
