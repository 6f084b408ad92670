//! A workshop without an engine: sockets stand in the shells' places.

use crate::containers::Containers;
use crate::deck;
use crate::host::{Berth, HostSource, Hosts, Signals};
use crate::instructor::{Instructor, InstructorKey};
use crate::preflight::{Plan, Preflight};
use crate::session::Sessions;
use crate::terminal::Terminals;
use crate::testing::{Pairs, Scratch};
use crate::web::{self, Guard, Site};
use crate::workshop::Workshop;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use protocol::harbour::{Cargo, ContainerAction, Harbour};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tower::ServiceExt;

pub(super) const ORIGIN: &str = "http://localhost:8080";

const DECK: &str = "# Hafen\n\n```bash\ndocker ps\n# nur Text\n```\n\n---\n\n## Zwei\n";

/// Nobody listens on that port.
const LAB: &str = "```bash\ndocker run localhost:1/nobody\napt-get update\n```\n";

pub(super) struct Fixture {
    pub(super) router: Router,
    /// The shells' other ends, as they begin.
    pub(super) shells: mpsc::UnboundedReceiver<UnixStream>,
    /// The hosts that were to end.
    pub(super) ended: mpsc::UnboundedReceiver<String>,
    /// The terminals that were.
    pub(super) ended_shells: mpsc::UnboundedReceiver<u8>,
    /// What was to be done with containers.
    pub(super) actions: mpsc::UnboundedReceiver<(String, ContainerAction)>,
    /// Of the hosts, as they begin.
    pub(super) signals: mpsc::UnboundedReceiver<Signals>,
    /// The instructor's.
    pub(super) key: String,
    _site: Scratch,
}

/// Hosts whose shells are [`Pairs`].
struct Source {
    shells: mpsc::UnboundedSender<UnixStream>,
    ended_shells: mpsc::UnboundedSender<u8>,
    actions: mpsc::UnboundedSender<(String, ContainerAction)>,
    signals: mpsc::UnboundedSender<Signals>,
    ended: mpsc::UnboundedSender<String>,
}

/// A command that runs in all shells.
pub(super) const COMMAND: &str = "docker run busybox sleep 1000";

/// A container that isn't there.
pub(super) const NO_CONTAINER: &str = "0123456789ab";

struct Pretended(mpsc::UnboundedSender<(String, ContainerAction)>);

impl Containers for Pretended {
    fn harbour(self: Arc<Self>) -> BoxStream<'static, Harbour> {
        let images = vec![Cargo { name: "debian:latest".to_owned(), size: 1, own: false }];
        stream::once(async { Harbour { images, ..Harbour::default() } }).chain(stream::pending()).boxed()
    }

    fn act<'a>(&'a self, id: &'a str, action: ContainerAction) -> BoxFuture<'a, engine::Result<()>> {
        self.0.send((id.to_owned(), action)).unwrap();
        let there = id != NO_CONTAINER;
        Box::pin(async move { if there { Ok(()) } else { Err(engine::Error::not_found("No such container")) } })
    }
}

impl HostSource for Source {
    fn begin<'a>(&'a self, _host: &'a str, _hostname: &'a str) -> BoxFuture<'a, engine::Result<Berth>> {
        let (pairs, _) = Pairs::new();
        let pairs = Pairs {
            ends: self.shells.clone(),
            ended: self.ended_shells.clone(),
            commands: vec![COMMAND.to_owned()],
            ..pairs
        };
        let signals = Signals::new();
        self.signals.send(signals.clone()).unwrap();
        let (terminals, containers) = (Terminals::new(Arc::new(pairs), &[]), Arc::new(Pretended(self.actions.clone())));
        Box::pin(async { Ok(Berth::new(terminals, containers, signals, JoinSet::new())) })
    }

    fn begin_ahead<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, engine::Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn end<'a>(&'a self, host: &'a str) -> BoxFuture<'a, engine::Result<()>> {
        self.ended.send(host.to_owned()).unwrap();
        Box::pin(async { Ok(()) })
    }
}

/// A workshop with three places.
pub(super) fn fixture() -> Fixture {
    let site = Scratch::new();
    site.write("index.html", "<script type=\"importmap\">{}</script><p>Hafen</p>");
    site.write("page-0123456789abcdef.js", "let a = 1;");
    site.write("wal.png", "PNG");
    site.write("PITCHME.md", DECK);
    std::fs::create_dir_all(site.path().join("labs/01-start")).unwrap();
    site.write("labs/01-start/LAB.md", LAB);
    std::os::unix::fs::symlink("/etc/passwd", site.path().join("passwd.png")).unwrap();
    let (shells_sender, shells) = mpsc::unbounded_channel();
    let (ended_sender, ended) = mpsc::unbounded_channel();
    let (ended_shells_sender, ended_shells) = mpsc::unbounded_channel();
    let (actions_sender, actions) = mpsc::unbounded_channel();
    let (signals_sender, signals) = mpsc::unbounded_channel();
    let source = Source {
        shells: shells_sender,
        ended_shells: ended_shells_sender,
        actions: actions_sender,
        signals: signals_sender,
        ended: ended_sender,
    };
    let deck = deck::parse(DECK, "de").unwrap();
    let database = engine::db::Database::open(site.path()).unwrap();
    let store = Arc::new(engine::image::Store::open(site.path(), database).unwrap());
    let config = engine::image::RegistryConfig::default();
    let provider = engine::image::Provider::new(store, &config, BTreeSet::new()).unwrap();
    let plan = Plan::of(&deck, &site.path().join("labs"), "hub.hafen");
    let preflight = Preflight::new(plan, site.path().join("recipes"), provider, "Hafen".to_owned(), false, || {});
    let instructor = Instructor { key: InstructorKey::open(site.path()).unwrap(), preflight: Arc::new(preflight) };
    let key = instructor.key.reveal();
    let workshop = Workshop {
        title: "Hafen".to_owned(),
        deck,
        deck_folder: site.path().to_owned(),
        instructor,
        sessions: Sessions::in_memory(3),
        hosts: Hosts::new(Box::new(source)),
        session_time: Duration::from_secs(3600),
        ready_hosts: 0,
    };
    let guard = Guard::new("127.0.0.1:8080".parse().unwrap(), &[]);
    let router = web::router(Arc::new(workshop), guard, Site::open(site.path()).unwrap()).unwrap();
    Fixture { router, shells, ended, ended_shells, actions, signals, key, _site: site }
}

/// A request of our own page.
pub(super) fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path).header("host", "localhost:8080");
    builder.header("origin", ORIGIN).body(body.into()).unwrap()
}

impl Fixture {
    pub(super) async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(super) async fn get(&self, path: &str) -> Response<Body> {
        self.ask(request(Method::GET, path, Body::empty())).await
    }

    pub(super) async fn join(&self, name: &str) -> Response<Body> {
        let body = serde_json::to_vec(&protocol::session::Join { name: name.to_owned() }).unwrap();
        self.ask(request(Method::POST, "/api/session", body)).await
    }

    /// Joins; answers with the cookie to send.
    pub(super) async fn cookie(&self, name: &str) -> String {
        let response = self.join(name).await;
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}
