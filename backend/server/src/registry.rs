//! A workshop's own registry: what Docker Hub is in the deck, learners have here.

use crate::config::RegistrySettings;
use anyhow::Context;
use axum::Router;
use engine::image::{Dial, Dialing, Store, Stream};
use engine::repository::{RegistryLimits, Repositories};
use registry_api::{Gate, Password};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::DuplexStream;
use tokio::net::TcpListener;

/// Bytes on their way in each direction of a connection within this process.
const BUFFER: usize = 256 << 10;

/// The registry of a workshop. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Registry {
    repositories: Arc<Repositories>,
    learners: Router,
}

impl Registry {
    /// The registry as configured, with what it had.
    pub fn open(store: &Store, config: &RegistrySettings) -> anyhow::Result<Self> {
        let limits = RegistryLimits::with_bytes(u64::from(config.max_gib) << 30);
        let opened = Repositories::open(store, &config.name, limits);
        let repositories = Arc::new(opened.context("the registry can't be opened")?);
        let learners = registry_api::router(repositories.clone(), Gate::Learners);
        Ok(Self { repositories, learners })
    }

    /// What images of this registry are called first: `hub.hafen`.
    pub fn name(&self) -> &str {
        self.repositories.registry()
    }

    /// A new connection to the registry as learners have it, through no network: HTTP/1.1 is spoken at this end. It needs a runtime.
    pub fn connect_in_process(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(BUFFER);
        tokio::spawn(registry_api::serve_stream(server, self.learners.clone()));
        client
    }

    /// Serves those outside of virtual hosts, for ever; without a `listener` nobody.
    pub(crate) async fn serve(&self, listener: Option<TcpListener>, password: Option<&str>) {
        let Some(listener) = listener else { return std::future::pending().await };
        let gate = password.map_or(Gate::Open, |password| Gate::Password(Password::new(password)));
        registry_api::serve(listener, registry_api::router(self.repositories.clone(), gate)).await;
    }
}

/// Learners' pulls and pushes need no network for it, and no name server.
impl Dial for Registry {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> Dialing<'a> {
        Box::pin(async { Ok(Box::new(self.connect_in_process()) as Box<dyn Stream>) })
    }
}

/// Listens where the registry is to be reached, if it is.
pub(crate) async fn listen(address: Option<SocketAddr>) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = address else { return Ok(None) };
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("the registry's address {address} can't be listened on"))?;
    Ok(Some(listener))
}
