//! A workshop that is open: everything that the web's endpoints work on.

use crate::deck::ParsedDeck;
use crate::host::{Hosts, Over};
use crate::session::Sessions;
use std::time::Duration;

/// How often sessions are looked through.
const ROUND: Duration = Duration::from_secs(600);

/// The workshop, its participants, and their hosts.
#[derive(Debug)]
pub(crate) struct Workshop {
    pub(crate) title: String,
    pub(crate) deck: ParsedDeck,
    pub(crate) sessions: Sessions,
    pub(crate) hosts: Hosts,
    /// A session ends when nobody has looked at it for so long.
    pub(crate) session_time: Duration,
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
