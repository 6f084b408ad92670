//! Virtual hosts from this machine's engine.

use super::{Berth, HostSource, Over, READY_HOSTNAME, Signals};
use crate::terminal::Terminals;
use crate::{happened, harbour};
use engine::{Engine, ErrorKind, HostSpec, VirtualHost};
use futures_util::future::BoxFuture;
use runtime::cgroup::HostLimits;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// Image of the container in which a learner's shell runs.
const WORKSTATION: &str = "lernhafen/workstation:latest";

/// The engine, and the Docker API on each host's socket.
pub(crate) struct Machine {
    engine: Arc<Engine>,
    limits: HostLimits,
    /// One task per host. It outlives the host's [`Berth`]: who types `docker ps` needs no browser.
    apis: Mutex<HashMap<String, JoinSet<()>>>,
}

impl Machine {
    /// Hosts that still run get their Docker API back at once.
    pub(crate) fn new(engine: Arc<Engine>, limits: HostLimits) -> Self {
        let machine = Self { engine, limits, apis: Mutex::default() };
        for host in machine.engine.hosts() {
            machine.serve_api(&host);
        }
        machine
    }

    async fn ensure(&self, host: &str, hostname: &str) -> engine::Result<Arc<VirtualHost>> {
        let spec = HostSpec {
            id: host.to_owned(),
            hostname: hostname.to_owned(),
            workstation: Some(WORKSTATION.to_owned()),
            limits: self.limits,
        };
        let host = self.engine.ensure_host(spec).await?;
        self.serve_api(&host);
        Ok(host)
    }

    fn serve_api(&self, host: &Arc<VirtualHost>) {
        let Some(listener) = host.take_listener() else { return };
        let mut task = JoinSet::new();
        task.spawn(docker_api::serve(listener, host.clone()));
        self.apis.lock().unwrap_or_else(PoisonError::into_inner).insert(host.id().to_owned(), task);
    }
}

impl HostSource for Machine {
    fn begin<'a>(&'a self, host: &'a str, hostname: &'a str) -> BoxFuture<'a, engine::Result<Berth>> {
        Box::pin(async {
            let host = self.ensure(host, hostname).await?;
            let signals = Signals::new(harbour::read(&host)?);
            let mut watch = JoinSet::new();
            watch.spawn(harbour::follow(host.clone(), signals.harbour.clone()));
            watch.spawn(happened::follow(host.clone(), signals.happened.clone()));
            watch.spawn(tell_end(host.clone(), signals.clone()));
            let running = host.shells().await?;
            Ok(Berth::new(Terminals::new(host.clone(), &running), host, signals, watch))
        })
    }

    fn begin_ahead<'a>(&'a self, host: &'a str) -> BoxFuture<'a, engine::Result<()>> {
        Box::pin(async { self.ensure(host, READY_HOSTNAME).await.map(drop) })
    }

    fn recorded(&self) -> engine::Result<Vec<(String, String)>> {
        self.engine.recorded()
    }

    fn end<'a>(&'a self, host: &'a str) -> BoxFuture<'a, engine::Result<()>> {
        Box::pin(async move {
            match self.engine.remove_host(host).await {
                Err(error) if error.kind != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            self.apis.lock().unwrap_or_else(PoisonError::into_inner).remove(host);
            Ok(())
        })
    }
}

async fn tell_end(host: Arc<VirtualHost>, signals: Signals) {
    host.ended().await;
    signals.end(Over::Ended);
}
