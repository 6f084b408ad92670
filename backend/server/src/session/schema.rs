//! The table of sessions, as this version has it.

use super::store::free_host_name;
use rusqlite::{Connection, params};

/// Makes the table, or makes of an older version's what it is now.
pub(super) fn ensure(database: &mut Connection) -> rusqlite::Result<()> {
    let transaction = database.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS sessions (
            token_hash BLOB PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            host TEXT NOT NULL UNIQUE,
            created INTEGER NOT NULL,
            seen INTEGER NOT NULL,
            host_name TEXT
        ) STRICT",
    )?;
    let sql = "SELECT count(*) FROM pragma_table_info('sessions') WHERE name = 'host_name'";
    let has_host_names: bool = transaction.query_one(sql, [], |row| row.get(0))?;
    if !has_host_names {
        add_host_names(&transaction)?;
    }
    transaction.execute_batch("CREATE UNIQUE INDEX IF NOT EXISTS sessions_host_name ON sessions (host_name)")?;
    transaction.commit()
}

/// Before, two of one name had hosts of one name. Who came first keeps it.
fn add_host_names(database: &Connection) -> rusqlite::Result<()> {
    database.execute_batch("ALTER TABLE sessions ADD COLUMN host_name TEXT")?;
    let mut query = database.prepare("SELECT name, host FROM sessions ORDER BY created, host")?;
    let sessions: Vec<(String, String)> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (name, host) in sessions {
        let host_name = free_host_name(database, &name)?;
        database.execute("UPDATE sessions SET host_name = ?2 WHERE host = ?1", params![host, host_name])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sessions_of_an_older_version_get_host_names() {
        let mut database = Connection::open_in_memory().unwrap();
        database
            .execute_batch(
                "CREATE TABLE sessions (token_hash BLOB PRIMARY KEY NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL UNIQUE,
                    created INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;
                 INSERT INTO sessions VALUES (x'01', 'Otto', 's2', 2, 2), (x'02', 'Otto', 's1', 1, 1), (x'03', 'Eva', 's3', 3, 3);",
            )
            .unwrap();
        for _ in 0..2 {
            ensure(&mut database).unwrap();
            let mut query = database.prepare("SELECT host, host_name FROM sessions ORDER BY host").unwrap();
            let names: Vec<(String, String)> =
                query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
            let expected = [("s1", "otto"), ("s2", "otto-2"), ("s3", "eva")];
            assert_eq!(names, expected.map(|(host, name)| (host.to_owned(), name.to_owned())));
        }
    }
}
