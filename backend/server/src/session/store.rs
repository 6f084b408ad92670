//! Sessions as they are recorded. What is asked of the database is plain SQL, and only here: another could stand in its place.

use super::name::{check_name, host_name};
use super::{Token, database};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
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

/// All sessions of a workshop. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    database: Arc<Mutex<Connection>>,
    workshop: Arc<str>,
    max: usize,
}

impl Sessions {
    /// Opens a workshop's sessions in the database of a data directory. No more than `max` are admitted.
    ///
    /// # Errors
    /// The database can't be opened, or a newer version wrote it.
    pub(crate) fn open(data_dir: &Path, workshop: &str, max: usize) -> anyhow::Result<Self> {
        Ok(Self::with(database::open(data_dir)?, workshop, max))
    }

    /// Sessions that are forgotten at the end.
    #[cfg(test)]
    pub(crate) fn in_memory(max: usize) -> Self {
        Self::with(database::in_memory(), "test", max)
    }

    fn with(database: Connection, workshop: &str, max: usize) -> Self {
        Self { database: Arc::new(Mutex::new(database)), workshop: workshop.into(), max }
    }

    /// A new session on `host` for a participant of that name, and the secret of its cookie.
    pub(crate) async fn join(&self, name: &str, host: &str) -> Result<(Token, Session), JoinError> {
        let name = check_name(name).ok_or(JoinError::BadName)?.to_owned();
        let token = Token::random().map_err(internal)?;
        let (hash, host, max) = (hash(&token), host.to_owned(), self.max);
        let admitted = self.with_database(move |database, workshop| {
            let transaction = database.transaction()?;
            if count(&transaction, workshop)? >= max as i64 {
                return Ok(None);
            }
            let host_name = free_host_name(&transaction, workshop, &name)?;
            transaction.execute(
                "INSERT INTO sessions (token_hash, workshop, name, host, host_name, created, seen)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
                params![hash, workshop, name, host, host_name, now()],
            )?;
            transaction.commit()?;
            Ok(Some(Session { name, host, host_name }))
        });
        admitted.await.map_err(internal)?.map(|session| (token, session)).ok_or(JoinError::Full)
    }

    /// The session of that secret, which counts as seen.
    pub(crate) async fn find(&self, token: Token) -> anyhow::Result<Option<Session>> {
        self.with_database(move |database, workshop| {
            let sql = "UPDATE sessions SET seen = ?3 WHERE token_hash = ?1 AND workshop = ?2
                       RETURNING name, host, host_name";
            database.query_row(sql, params![hash(&token), workshop, now()], read).optional()
        })
        .await
    }

    /// Notes that somebody is looking at the session with that host; whether there is one.
    pub(crate) async fn touch(&self, host: String) -> anyhow::Result<bool> {
        self.with_database(move |database, _| {
            Ok(database.execute("UPDATE sessions SET seen = ?2 WHERE host = ?1", params![host, now()])? > 0)
        })
        .await
    }

    /// Forgets the session with that host.
    pub(crate) async fn remove(&self, host: String) -> anyhow::Result<()> {
        self.with_database(move |database, _| {
            database.execute("DELETE FROM sessions WHERE host = ?1", [host]).map(drop)
        })
        .await
    }

    /// Sessions that nobody has looked at for so long.
    pub(crate) async fn unseen_for(&self, time: Duration) -> anyhow::Result<Vec<Session>> {
        let before = now().saturating_sub(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX));
        self.with_database(move |database, workshop| {
            let sql = "SELECT name, host, host_name FROM sessions WHERE workshop = ?1 AND seen < ?2";
            database.prepare(sql)?.query_map(params![workshop, before], read)?.collect()
        })
        .await
    }

    /// How many can still join.
    pub(crate) async fn free(&self) -> anyhow::Result<usize> {
        let count = self.with_database(|database, workshop| count(database, workshop)).await?;
        Ok(self.max.saturating_sub(usize::try_from(count)?))
    }

    /// The ids of all sessions' hosts.
    pub(crate) async fn hosts(&self) -> anyhow::Result<HashSet<String>> {
        self.with_database(|database, workshop| {
            let sql = "SELECT host FROM sessions WHERE workshop = ?1";
            database.prepare(sql)?.query_map([workshop], |row| row.get(0))?.collect()
        })
        .await
    }

    /// Asks the database about the workshop of that name. It blocks.
    async fn with_database<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection, &str) -> rusqlite::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (database, workshop) = (self.database.clone(), self.workshop.clone());
        let work = move || work(&mut database.lock(), &workshop);
        Ok(tokio::task::spawn_blocking(work).await??)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session { name: row.get(0)?, host: row.get(1)?, host_name: row.get(2)? })
}

fn count(database: &Connection, workshop: &str) -> rusqlite::Result<i64> {
    database.query_one("SELECT count(*) FROM sessions WHERE workshop = ?1", [workshop], |row| row.get(0))
}

/// As the database knows a secret.
fn hash(token: &Token) -> String {
    hex::encode(token.hash())
}

/// A host name for somebody, which no session of the workshop has.
pub(super) fn free_host_name(database: &Connection, workshop: &str, name: &str) -> rusqlite::Result<String> {
    let mut query = database.prepare("SELECT host_name FROM sessions WHERE workshop = ?1")?;
    let taken: HashSet<String> = query.query_map([workshop], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(host_name(name, |name| taken.contains(name)))
}

fn internal(error: impl std::fmt::Display) -> JoinError {
    JoinError::Internal(error.to_string())
}

/// Nanoseconds since the epoch.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::Scratch;

    #[tokio::test]
    async fn a_session_is_found_by_its_secret_only() {
        let sessions = Sessions::in_memory(3);
        let (token, session) = sessions.join(" Anna ", "s1").await.unwrap();
        assert_eq!(session.name, "Anna");
        assert_eq!(session.host, "s1");
        assert_eq!(sessions.find(token).await.unwrap(), Some(session));
        assert_eq!(sessions.find(Token::random().unwrap()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn two_of_one_name_have_hosts_of_their_own() {
        let sessions = Sessions::in_memory(3);
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
        let sessions = Sessions::in_memory(1);
        let (token, first) = sessions.join("Anna", "s5").await.unwrap();
        assert!(matches!(sessions.join("Ben", "s6").await, Err(JoinError::Full)));
        sessions.remove(first.host).await.unwrap();
        assert!(sessions.join("Ben", "s7").await.is_ok());
        assert_eq!(sessions.find(token).await.unwrap(), None);
    }

    #[tokio::test]
    async fn only_sessions_long_unseen_are_over() {
        let sessions = Sessions::in_memory(3);
        let (_, session) = sessions.join("Anna", "s8").await.unwrap();
        assert_eq!(sessions.unseen_for(Duration::from_secs(60)).await.unwrap(), []);
        let aged = "UPDATE sessions SET seen = seen - 100000000000";
        sessions.with_database(|database, _| database.execute(aged, [])).await.unwrap();
        assert_eq!(sessions.unseen_for(Duration::from_secs(60)).await.unwrap(), std::slice::from_ref(&session));
        assert!(sessions.touch(session.host).await.unwrap());
        assert_eq!(sessions.unseen_for(Duration::from_secs(60)).await.unwrap(), []);
    }

    #[tokio::test]
    async fn workshops_have_nothing_of_each_other() {
        let scratch = Scratch::new();
        let open = |workshop| Sessions::open(scratch.path(), workshop, 1).unwrap();
        let (one, other) = (open("one"), open("other"));
        let (token, session) = one.join("Anna", "s9").await.unwrap();
        assert_eq!(other.find(token).await.unwrap(), None);
        assert_eq!(other.free().await.unwrap(), 1);
        let (_, anna) = other.join("Anna", "s10").await.unwrap();
        assert_eq!(anna.host_name, "anna");
        assert_eq!(one.hosts().await.unwrap(), HashSet::from(["s9".to_owned()]));
        assert_eq!(one.unseen_for(Duration::ZERO).await.unwrap(), std::slice::from_ref(&session));
        assert_eq!(open("one").find(token).await.unwrap(), Some(session), "over a restart, too");
    }
}
