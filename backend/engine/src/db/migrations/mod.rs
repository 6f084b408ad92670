//! The tables' versions, one numbered file each. `PRAGMA user_version` says which the file has.

use crate::{Error, Result};
use rusqlite::{Connection, TransactionBehavior};

/// In order; the first takes an empty file to version 1.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("0001.sql"),
    include_str!("0002.sql"),
    include_str!("0003.sql"),
    include_str!("0004.sql"),
    include_str!("0005.sql"),
    include_str!("0006.sql"),
    include_str!("0007.sql"),
    include_str!("0008.sql"),
];

/// Takes the file to the newest version, all or nothing.
///
/// # Errors
/// A newer Lernhafen wrote it, or a step failed.
pub(super) fn apply(connection: &mut Connection) -> Result<()> {
    // Immediate: two processes that open a new file at once must not both think that it is empty.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = usize::try_from(version).ok().and_then(|version| MIGRATIONS.get(version..));
    let Some(missing) = known else {
        let newest = MIGRATIONS.len();
        return Err(Error::system(format!(
            "it has version {version}, and this Lernhafen knows versions up to {newest}. Start the newer Lernhafen that wrote it"
        )));
    };
    for (migration, version) in missing.iter().zip(version + 1..) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", version)?;
    }
    transaction.commit()?;
    Ok(())
}
