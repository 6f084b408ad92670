//! The one SQLite file of a data directory: the records of hosts, containers and images.

mod migrations;

use crate::{Error, Result};
use rusqlite::{Connection, TransactionBehavior};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The database. Clones share one connection.
#[derive(Debug, Clone)]
pub struct Database {
    connection: Arc<Mutex<Connection>>,
}

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
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Does `work` on the connection, which is its own for so long. Blocks; keep it short.
    ///
    /// What must happen together or not at all goes into one [`rusqlite::Connection::transaction`].
    ///
    /// # Errors
    /// Those of `work`; an error of SQLite becomes one of [`crate::ErrorKind::System`].
    pub fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        // A panic elsewhere has left no half transaction: dropping one rolls it back.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::system(format!("The database did not answer as it should: {error}"))
    }
}

fn prepare(connection: &mut Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // A transaction that reads first and writes then would fail at once, without waiting, if another connection (the
    // sessions') has written between the two: thirty learners who join at the same moment.
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrations::apply(connection)
}

#[cfg(test)]
mod tests;
