//! Sessions as they are recorded, in the database that the engine has too.

use super::name::{check_name, host_name};
use super::{Token, schema};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A participant's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) name: String,
    /// Id of its virtual host.
    pub(crate) host: String,
    /// What `hostname` says on it: no other session's host has that name.
    pub(crate) host_name: String,
}

/// Why nobody joined.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JoinError {
    #[error("a name has 1 to 40 characters, none of them a control character")]
    BadName,
    #[error("all places of this workshop are taken")]
    Full,
    #[error("the session can't be recorded: {0}")]
    Internal(String),
}

/// All sessions. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    database: Arc<Mutex<Connection>>,
    max: usize,
}

impl Sessions {
    /// Opens the table in the database at `path`. No more than `max` sessions are admitted.
    pub(crate) fn open(path: &Path, max: usize) -> rusqlite::Result<Self> {
        let mut database = Connection::open(path)?;
        // The engine writes to the same file.
        database.busy_timeout(Duration::from_secs(5))?;
        // As the engine's: whoever will write waits for its turn before it reads.
        database.set_transaction_behavior(TransactionBehavior::Immediate);
        database.pragma_update(None, "journal_mode", "WAL")?;
        Self::with(database, max)
    }

    /// Sessions that are forgotten at the end.
    #[cfg(test)]
    pub(crate) fn in_memory(max: usize) -> rusqlite::Result<Self> {
        Self::with(Connection::open_in_memory()?, max)
    }

    fn with(mut database: Connection, max: usize) -> rusqlite::Result<Self> {
        schema::ensure(&mut database)?;
        Ok(Self { database: Arc::new(Mutex::new(database)), max })
    }

    /// A new session on `host` for a participant of that name, and the secret of its cookie.
    pub(crate) async fn join(&self, name: &str, host: &str) -> Result<(Token, Session), JoinError> {
        let name = check_name(name).ok_or(JoinError::BadName)?.to_owned();
        let token = Token::random().map_err(internal)?;
        let (hash, host, max) = (token.hash(), host.to_owned(), self.max);
        let admitted = self.with_database(move |database| {
            let transaction = database.transaction()?;
            let count: i64 = transaction.query_one("SELECT count(*) FROM sessions", [], |row| row.get(0))?;
            if count >= max as i64 {
                return Ok(None);
            }
            let host_name = free_host_name(&transaction, &name)?;
            transaction.execute(
                "INSERT INTO sessions (token_hash, name, host, host_name, created, seen) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
                params![hash, name, host, host_name, now()],
            )?;
            transaction.commit()?;
            Ok(Some(Session { name, host, host_name }))
        });
        admitted.await.map_err(internal)?.map(|session| (token, session)).ok_or(JoinError::Full)
    }

    /// The session of that secret, which counts as seen.
    pub(crate) async fn find(&self, token: Token) -> anyhow::Result<Option<Session>> {
        self.with_database(move |database| {
            let sql = "UPDATE sessions SET seen = ?2 WHERE token_hash = ?1 RETURNING name, host, host_name";
            database.query_row(sql, params![token.hash(), now()], read).optional()
        })
        .await
    }

    /// Notes that somebody is looking at the session with that host; whether there is one.
    pub(crate) async fn touch(&self, host: String) -> anyhow::Result<bool> {
        self.with_database(move |database| {
            Ok(database.execute("UPDATE sessions SET seen = ?2 WHERE host = ?1", params![host, now()])? > 0)
        })
        .await
    }

    /// Forgets the session with that host.
    pub(crate) async fn remove(&self, host: String) -> anyhow::Result<()> {
        self.with_database(move |database| database.execute("DELETE FROM sessions WHERE host = ?1", [host]).map(drop))
            .await
    }

    /// Sessions that nobody has looked at for so long.
    pub(crate) async fn unseen_for(&self, time: Duration) -> anyhow::Result<Vec<Session>> {
        let before = now() - i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        self.with_database(move |database| {
            let mut query = database.prepare("SELECT name, host, host_name FROM sessions WHERE seen < ?1")?;
            query.query_map([before], read)?.collect()
        })
        .await
    }

    /// How many can still join.
    pub(crate) async fn free(&self) -> anyhow::Result<usize> {
        let count =
            |database: &mut Connection| database.query_one("SELECT count(*) FROM sessions", [], |row| row.get(0));
        let count: i64 = self.with_database(count).await?;
        Ok(self.max.saturating_sub(usize::try_from(count)?))
    }

    /// The ids of all sessions' hosts.
    pub(crate) async fn hosts(&self) -> anyhow::Result<HashSet<String>> {
        self.with_database(|database| {
            database.prepare("SELECT host FROM sessions")?.query_map([], |row| row.get(0))?.collect()
        })
        .await
    }

    /// SQLite blocks: on the disk, and while the engine writes.
    async fn with_database<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let database = self.database.clone();
        let work = move || work(&mut database.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(tokio::task::spawn_blocking(work).await??)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session { name: row.get(0)?, host: row.get(1)?, host_name: row.get(2)? })
}

/// A host name for somebody, which no session has.
pub(super) fn free_host_name(database: &Connection, name: &str) -> rusqlite::Result<String> {
    let mut query = database.prepare("SELECT host_name FROM sessions WHERE host_name IS NOT NULL")?;
    let taken: HashSet<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(host_name(name, |name| taken.contains(name)))
}

fn internal(error: impl std::fmt::Display) -> JoinError {
    JoinError::Internal(error.to_string())
}

/// Seconds since the epoch.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_session_is_found_by_its_secret_only() {
        let sessions = Sessions::in_memory(3).unwrap();
        let (token, session) = sessions.join(" Anna ", "s1").await.unwrap();
        assert_eq!(session.name, "Anna");
        assert_eq!(session.host, "s1");
        assert_eq!(sessions.find(token).await.unwrap(), Some(session));
        assert_eq!(sessions.find(Token::random().unwrap()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn two_of_one_name_have_hosts_of_their_own() {
        let sessions = Sessions::in_memory(3).unwrap();
        let (_, first) = sessions.join("Anna", "s2").await.unwrap();
        let (_, second) = sessions.join("Anna", "s3").await.unwrap();
        assert_ne!(first.host, second.host);
        assert_eq!((first.host_name.as_str(), second.host_name.as_str()), ("anna", "anna-2"));
        sessions.remove(first.host).await.unwrap();
        let (_, third) = sessions.join("Anna", "s4").await.unwrap();
        assert_eq!(third.host_name, "anna", "it is free again");
    }

    #[tokio::test]
    async fn a_workshop_is_full_until_somebody_leaves() {
        let sessions = Sessions::in_memory(1).unwrap();
        let (token, first) = sessions.join("Anna", "s5").await.unwrap();
        assert!(matches!(sessions.join("Ben", "s6").await, Err(JoinError::Full)));
        sessions.remove(first.host).await.unwrap();
        assert!(sessions.join("Ben", "s7").await.is_ok());
        assert_eq!(sessions.find(token).await.unwrap(), None);
    }

    #[tokio::test]
    async fn only_sessions_long_unseen_are_over() {
        let sessions = Sessions::in_memory(3).unwrap();
        let (_, session) = sessions.join("Anna", "s8").await.unwrap();
        assert_eq!(sessions.unseen_for(Duration::from_secs(60)).await.unwrap(), []);
        let aged = "UPDATE sessions SET seen = seen - 100";
        sessions.with_database(|database| database.execute(aged, [])).await.unwrap();
        assert_eq!(sessions.unseen_for(Duration::from_secs(60)).await.unwrap(), std::slice::from_ref(&session));
        assert!(sessions.touch(session.host).await.unwrap());
        assert_eq!(sessions.unseen_for(Duration::from_secs(60)).await.unwrap(), []);
    }
}
