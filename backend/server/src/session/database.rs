//! The database of all workshops' sessions: a file of its own. What is the engine's, and what is the same on several machines, share no
//! lock, and no version.

use super::old;
use anyhow::Context;
use rusqlite::{Connection, TransactionBehavior};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// In order; the first makes the table in an empty file. `PRAGMA user_version` says which the file has.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001.sql")];

/// Opens `<data_dir>/sessions.db`, and makes it, with the sessions of an older version, if it isn't there.
pub(super) fn open(data_dir: &Path) -> anyhow::Result<Connection> {
    let path = data_dir.join("sessions.db");
    // SQLite would make it readable for everybody.
    OpenOptions::new().append(true).create(true).mode(0o600).open(&path).with_context(|| path.display().to_string())?;
    let mut database = Connection::open(&path)?;
    // Each workshop has a connection of its own; whoever will write waits for its turn before it reads.
    database.busy_timeout(Duration::from_secs(5))?;
    database.set_transaction_behavior(TransactionBehavior::Immediate);
    database.pragma_update(None, "journal_mode", "WAL")?;
    migrate(&mut database, Some(data_dir)).with_context(|| path.display().to_string())?;
    Ok(database)
}

#[cfg(test)]
pub(super) fn in_memory() -> Connection {
    #![allow(clippy::unwrap_used)]
    let mut database = Connection::open_in_memory().unwrap();
    migrate(&mut database, None).unwrap();
    database
}

/// `old`: where an older version may have left sessions, for a file that is new.
fn migrate(database: &mut Connection, old: Option<&Path>) -> anyhow::Result<()> {
    let transaction = database.transaction()?;
    let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = MIGRATIONS.get(version as usize..).context("a newer Lernhafen wrote it: start that one")?;
    for (migration, version) in missing.iter().zip(version + 1..) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", version)?;
    }
    let taken_over = match old.filter(|_| version == 0) {
        Some(data_dir) => old::take_over(data_dir, &transaction)?,
        None => None,
    };
    transaction.commit()?;
    if let Some(before) = taken_over {
        old::forget(&before)?;
    }
    Ok(())
}
