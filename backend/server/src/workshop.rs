//! A workshop that is open: everything that the web's endpoints work on.

use crate::deck::ParsedDeck;
use crate::host::{self, Hosts, Over};
use crate::session::{JoinError, Session, Sessions, Token};
use std::time::Duration;
use tokio::sync::watch;

/// How often sessions are looked through.
const ROUND: Duration = Duration::from_secs(600);

/// Nobody has come for so long: then it is time to begin hosts for those who will.
const QUIET: Duration = Duration::from_secs(2);

/// After so long it is tried again to begin one ahead: at the first start its image is still being made.
const AGAIN: Duration = Duration::from_secs(5);

/// The workshop, its participants, and their hosts.
#[derive(Debug)]
pub(crate) struct Workshop {
    pub(crate) title: String,
    pub(crate) deck: ParsedDeck,
    pub(crate) sessions: Sessions,
    pub(crate) hosts: Hosts,
    /// A session ends when nobody has looked at it for so long.
    pub(crate) session_time: Duration,
    /// Hosts that have begun before somebody joins, where there are places for so many.
    pub(crate) ready_hosts: usize,
}

impl Workshop {
    /// Ends sessions that nobody looks at any more, now and from time to time.
    pub(crate) async fn end_unseen_sessions(&self) {
        loop {
            if let Err(error) = self.end_unseen().await {
                tracing::error!(%error, "sessions can't be looked through");
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    /// A new session for a participant of that name, and the secret of its cookie.
    pub(crate) async fn join(&self, name: &str) -> Result<(Token, Session), JoinError> {
        let ahead = self.hosts.claim();
        let host = ahead.clone().map_or_else(host::random_id, Ok);
        let host = host.map_err(|error| JoinError::Internal(error.to_string()))?;
        let joined = self.sessions.join(name, &host).await;
        if let (Err(_), Some(host)) = (&joined, ahead) {
            self.hosts.give_back(host);
        }
        joined
    }

    /// Sees to it that hosts have begun before somebody joins, for as long as it is polled.
    pub(crate) async fn keep_hosts_ready(&self) {
        let mut moves = self.hosts.moves();
        // A server that was killed has left them.
        while let Err(error) = self.end_ready_hosts().await {
            tracing::error!(%error, "hosts that nobody has can't be ended");
            tokio::time::sleep(AGAIN).await;
        }
        loop {
            host::quiet(&mut moves, QUIET).await;
            match self.ready_more(&moves).await {
                // The sender is in `self`: this can't fail.
                Ok(()) => drop(moves.changed().await),
                Err(error) => {
                    tracing::debug!(%error, "no host begins ahead");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Begins hosts ahead until there are enough, or somebody comes.
    async fn ready_more(&self, moves: &watch::Receiver<u64>) -> anyhow::Result<()> {
        while !moves.has_changed()? && self.hosts.ready() < self.ready_hosts.min(self.sessions.free().await?) {
            self.hosts.begin_ahead().await?;
        }
        Ok(())
    }

    /// Ends the hosts that nobody has.
    pub(crate) async fn end_ready_hosts(&self) -> anyhow::Result<()> {
        let theirs = self.sessions.hosts().await?;
        Ok(self.hosts.end_ready(|host| theirs.contains(host)).await?)
    }

    async fn end_unseen(&self) -> anyhow::Result<()> {
        for session in self.sessions.unseen_for(self.session_time).await? {
            match self.hosts.end(&session.host, Over::Left).await {
                Ok(()) => {
                    tracing::info!(host.id = session.host, "a session has ended: nobody has looked at it");
                    self.sessions.remove(session.host).await?;
                }
                // It stays recorded, so that the next round tries again.
                Err(error) => tracing::error!(host.id = session.host, %error, "a virtual host can't be ended"),
            }
        }
        Ok(())
    }
}
