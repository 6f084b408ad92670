//! What is of a workshop: everything that the web's endpoints work on.

use crate::config::WorkshopConfig;
use crate::deck::ParsedDeck;
use crate::host::{self, Hosts, Over, WorkshopHosts};
use crate::instructor::{Instructor, InstructorKey};
use crate::machine::Machine;
use crate::preflight::{Plan, Preflight};
use crate::session::{JoinError, Session, Sessions, Token};
use anyhow::Context;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often sessions are looked through.
const ROUND: Duration = Duration::from_secs(600);

/// Nobody has come for so long: then it is time to begin hosts for those who will.
const QUIET: Duration = Duration::from_secs(2);

/// After so long it is tried again to begin one ahead: at the first start its image is still being made.
const AGAIN: Duration = Duration::from_secs(5);

/// One deck, its participants and their hosts, and its instructor.
#[derive(Debug)]
pub struct Workshop {
    pub(crate) title: String,
    pub(crate) deck: ParsedDeck,
    /// Where the deck's pictures are.
    pub(crate) deck_folder: PathBuf,
    pub(crate) sessions: Sessions,
    pub(crate) hosts: Hosts,
    pub(crate) instructor: Instructor,
    /// A session ends when nobody has looked at it for so long.
    pub(crate) session_time: Duration,
    /// Hosts that have begun before somebody joins, where there are places for so many.
    pub(crate) ready_hosts: usize,
}

impl Workshop {
    /// Opens a workshop whose page is to be served at `listen`, on a machine that was opened for it. Its sessions are known by its name.
    ///
    /// # Errors
    /// The sessions or the instructor's key can't be read or made, or the hosts that it had don't take its rules.
    pub async fn open(
        machine: &Arc<Machine>,
        name: &str,
        config: &WorkshopConfig,
        deck: ParsedDeck,
        listen: IpAddr,
    ) -> anyhow::Result<Self> {
        let sessions = Sessions::open(&machine.data_dir, name, config.max_sessions);
        let sessions = sessions.context("the sessions can't be opened")?;
        let (limits, rules, theirs) = (config.limits.into(), config.rules(listen), sessions.hosts().await?);
        let hosts = WorkshopHosts::open(machine.clone(), limits, rules, theirs).await;
        let title = config.title.clone().unwrap_or_else(|| deck.deck.title.clone());
        let preflight = Arc::new(preflight(machine, config, &deck, title.clone()));
        Ok(Self {
            title,
            deck,
            deck_folder: config.deck_folder().to_owned(),
            sessions,
            hosts: Hosts::new(Box::new(hosts.context("the workshop's hosts don't take its rules")?)),
            instructor: Instructor { key: InstructorKey::open(&machine.data_dir)?, preflight },
            session_time: Duration::from_secs(u64::from(config.session_hours) * 3600),
            ready_hosts: config.ready_hosts,
        })
    }

    /// What the server does for the workshop beside answering, for as long as it is polled.
    pub async fn run(&self, with_preflight: bool) {
        let prepare = async {
            if with_preflight {
                self.instructor.preflight.begin();
            } else {
                self.instructor.preflight.check().await;
            }
        };
        tokio::join!(self.end_unseen_sessions(), self.keep_hosts_ready(), prepare);
    }

    /// Ends sessions that nobody looks at any more, now and from time to time.
    async fn end_unseen_sessions(&self) {
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
    async fn keep_hosts_ready(&self) {
        let mut moves = self.hosts.moves();
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

fn preflight(machine: &Arc<Machine>, config: &WorkshopConfig, deck: &ParsedDeck, title: String) -> Preflight {
    let plan = Plan::of(deck, &config.labs, &config.registry.name);
    let (engine, provider) = (machine.engine.clone(), machine.engine.provider(config.registry.private.clone()));
    let offer = move || {
        if let Err(error) = engine.offer_catalogue() {
            tracing::error!(%error, "the hosts don't hear of new images");
        }
    };
    Preflight::new(plan, config.recipes.clone(), provider, title, config.internet, offer)
}
