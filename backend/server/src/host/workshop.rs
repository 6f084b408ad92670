//! A workshop's virtual hosts, on this machine.

use super::{Berth, HostSource, Over, READY_HOSTNAME, Signals};
use crate::happened;
use crate::machine::Machine;
use crate::terminal::Terminals;
use engine::{HostId, HostRules, HostSpec, VirtualHost};
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use runtime::cgroup::HostLimits;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Image of the container in which a learner's shell runs.
const WORKSTATION: &str = "lernhafen/workstation:latest";

/// Hosts that get their workshop's rules at the same time.
const AT_ONCE: usize = 16;

/// What a workshop's hosts have in common.
pub(crate) struct WorkshopHosts {
    machine: Arc<Machine>,
    limits: HostLimits,
    rules: HostRules,
}

impl WorkshopHosts {
    /// Those of the workshop's hosts that run already get its rules: it may have had others before.
    pub(crate) async fn open(
        machine: Arc<Machine>,
        limits: HostLimits,
        rules: HostRules,
        theirs: HashSet<String>,
    ) -> engine::Result<Self> {
        let running = theirs.iter().filter_map(|id| machine.engine.host(id));
        let changes = running.map(|host| {
            let rules = rules.clone();
            async move { host.set_rules(rules).await }
        });
        let mut changes = stream::iter(changes).buffer_unordered(AT_ONCE);
        while let Some(changed) = changes.next().await {
            changed?;
        }
        drop(changes);
        Ok(Self { machine, limits, rules })
    }

    async fn ensure(&self, host: &str, hostname: &str) -> engine::Result<Arc<VirtualHost>> {
        let (id, hostname, workstation) = (HostId::new(host)?, hostname.to_owned(), Some(WORKSTATION.to_owned()));
        let (limits, rules) = (self.limits, self.rules.clone());
        self.machine.ensure(HostSpec { id, hostname, workstation, limits, rules }).await
    }
}

impl HostSource for WorkshopHosts {
    fn begin<'a>(&'a self, host: &'a str, hostname: &'a str) -> BoxFuture<'a, engine::Result<Berth>> {
        Box::pin(async {
            let host = self.ensure(host, hostname).await?;
            let signals = Signals::new();
            let mut watch = JoinSet::new();
            watch.spawn(happened::follow(host.clone(), signals.happened.clone()));
            watch.spawn(tell_end(host.clone(), signals.clone()));
            let running = host.shells().await?;
            Ok(Berth::new(Terminals::new(host.clone(), &running), host, signals, watch))
        })
    }

    fn begin_ahead<'a>(&'a self, host: &'a str) -> BoxFuture<'a, engine::Result<()>> {
        Box::pin(async { self.ensure(host, READY_HOSTNAME).await.map(drop) })
    }

    fn end<'a>(&'a self, host: &'a str) -> BoxFuture<'a, engine::Result<()>> {
        Box::pin(self.machine.end(host))
    }
}

async fn tell_end(host: Arc<VirtualHost>, signals: Signals) {
    host.ended().await;
    signals.end(Over::Ended);
}
