//! Sessions as versions before had them: a table in the engine's database, with times in seconds.

use super::store::free_host_name;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;
use std::time::Duration;

/// What the one workshop of a server is called.
const WORKSHOP: &str = "workshop";

const NANOSECONDS: i64 = Duration::from_secs(1).as_nanos() as i64;

struct Session {
    hash: Vec<u8>,
    name: String,
    host: String,
    created: i64,
    seen: i64,
    /// Before that, two of one name had hosts of one name.
    host_name: Option<String>,
}

/// Copies what there is, and answers where it was.
pub(super) fn take_over(data_dir: &Path, into: &Connection) -> anyhow::Result<Option<Connection>> {
    let path = data_dir.join("lernhafen.db");
    if !path.exists() {
        return Ok(None);
    }
    let old = Connection::open(path)?;
    old.busy_timeout(Duration::from_secs(5))?;
    let has = |sql: &str| old.query_row(sql, [], |_| Ok(())).optional().map(|found| found.is_some());
    if !has("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sessions'")? {
        return Ok(None);
    }
    let named = has("SELECT 1 FROM pragma_table_info('sessions') WHERE name = 'host_name'")?;
    // Who came first keeps the name; before all of those, whoever has one already.
    let host_name = if named { "host_name" } else { "NULL" };
    let sql = format!(
        "SELECT token_hash, name, host, created, seen, {host_name} AS named FROM sessions
         ORDER BY named IS NULL, created, host"
    );
    for session in old.prepare(&sql)?.query_map([], read)? {
        let Session { hash, name, host, created, seen, host_name } = session?;
        let host_name = host_name.map_or_else(|| free_host_name(into, WORKSHOP, &name), Ok)?;
        into.execute(
            "INSERT INTO sessions (token_hash, workshop, name, host, host_name, created, seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![hex::encode(hash), WORKSHOP, name, host, host_name, created * NANOSECONDS, seen * NANOSECONDS],
        )?;
    }
    Ok(Some(old))
}

/// Removes what was taken over.
pub(super) fn forget(old: &Connection) -> rusqlite::Result<()> {
    old.execute_batch("DROP TABLE sessions")
}

fn read(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        hash: row.get(0)?,
        name: row.get(1)?,
        host: row.get(2)?,
        created: row.get(3)?,
        seen: row.get(4)?,
        host_name: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{Sessions, Token};
    use super::*;
    use crate::testing::Scratch;
    use std::os::unix::fs::PermissionsExt;

    const TABLE: &str =
        "CREATE TABLE sessions (token_hash BLOB PRIMARY KEY NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL UNIQUE,
        created INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT";

    fn names(scratch: &Scratch) -> Vec<(String, String, i64)> {
        drop(Sessions::open(scratch.path(), WORKSHOP, 9).unwrap());
        let database = Connection::open(scratch.path().join("sessions.db")).unwrap();
        let mut query = database.prepare("SELECT host, host_name, seen FROM sessions ORDER BY host").unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[tokio::test]
    async fn sessions_of_the_version_before_are_taken_over_once() {
        let scratch = Scratch::new();
        let token = Token::random().unwrap();
        let engines = Connection::open(scratch.path().join("lernhafen.db")).unwrap();
        engines.execute_batch(&format!("{TABLE}; ALTER TABLE sessions ADD COLUMN host_name TEXT")).unwrap();
        let insert = "INSERT INTO sessions VALUES (?1, 'Ötto', 's1', 1, 1700000000, 'oetto')";
        engines.execute(insert, [token.hash()]).unwrap();
        let expected = [("s1".to_owned(), "oetto".to_owned(), 1_700_000_000 * NANOSECONDS)];
        assert_eq!(names(&scratch), expected);
        let left = engines.query_row("SELECT count(*) FROM sessions", [], |row| row.get::<_, i64>(0));
        assert!(left.unwrap_err().to_string().contains("no such table"), "nothing of it is left there");
        let mode = std::fs::metadata(scratch.path().join("sessions.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        let sessions = Sessions::open(scratch.path(), WORKSHOP, 9).unwrap();
        assert_eq!(sessions.find(token).await.unwrap().unwrap().name, "Ötto", "the cookie is as good as before");
        sessions.remove("s1".to_owned()).await.unwrap();
        engines.execute_batch(&format!("{TABLE}; INSERT INTO sessions VALUES (x'01', 'Otto', 's2', 2, 2)")).unwrap();
        assert_eq!(names(&scratch), [], "and only once");
    }

    #[test]
    fn those_of_a_still_older_version_get_host_names() {
        let scratch = Scratch::new();
        let engines = Connection::open(scratch.path().join("lernhafen.db")).unwrap();
        let rows = "(x'01', 'Otto', 's2', 2, 2), (x'02', 'Otto', 's1', 1, 1), (x'03', 'Eva', 's3', 3, 3)";
        engines.execute_batch(&format!("{TABLE}; INSERT INTO sessions VALUES {rows}")).unwrap();
        let names: Vec<_> = names(&scratch).into_iter().map(|(host, name, _)| (host, name)).collect();
        let expected = [("s1", "otto"), ("s2", "otto-2"), ("s3", "eva")];
        assert_eq!(names, expected.map(|(host, name)| (host.to_owned(), name.to_owned())));
    }
}
