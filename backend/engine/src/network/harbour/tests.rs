//! With real namespaces, as in the router's tests.

#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::image::RegistryConfig;
use crate::network::Bridge;
use crate::network::testing::{endpoint, namespace, within as inside};
use std::io::{Read, Write};
use std::net::TcpStream as Blocking;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Answers each connection with what it was sent, in brackets.
#[derive(Debug)]
struct Echo;

impl Dial for Echo {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> registry::Dialing<'a> {
        let (client, mut server) = tokio::io::duplex(64);
        tokio::spawn(async move {
            let mut said = String::new();
            server.read_to_string(&mut said).await.unwrap();
            server.write_all(format!("[{said}]").as_bytes()).await.unwrap();
        });
        Box::pin(async { Ok(Box::new(client) as Box<dyn registry::Stream>) })
    }
}

fn registries(name: &str) -> Arc<Registries> {
    let config = RegistryConfig { harbour: Some(name.to_owned()), ..RegistryConfig::default() };
    let registries = Registries::new(&config, false).unwrap();
    registries.set_harbour(Arc::new(Echo));
    Arc::new(registries)
}

/// A router, a host's namespace with a bridge, and that of a container in it.
async fn host(registries: &Registries) -> (Router, OwnedFd, OwnedFd) {
    let (host, container) = (namespace(), namespace());
    let router = Router::open(None, port(registries)).await.unwrap();
    let bridge = Bridge::open(host.as_fd()).await.unwrap();
    bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap();
    router.connect(0, &bridge, host.as_fd()).await.unwrap();
    (router, host, container)
}

/// What is answered to `ahoy`, as soon as somebody listens.
fn ask(namespace: &OwnedFd, port: u16) -> String {
    let start = Instant::now();
    let mut stream = loop {
        match inside(namespace, || Blocking::connect((ADDRESS, port))) {
            Ok(stream) => break stream,
            Err(error) => assert!(start.elapsed() < Duration::from_secs(20), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    stream.write_all(b"ahoy").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_and_containers_reach_it_and_nothing_else_there() {
    let registries = registries("hub.hafen");
    let (router, host, container) = host(&registries).await;
    let _listener = HarbourListener::open(&router, registries).await.unwrap().unwrap();
    assert_eq!(ask(&host, 80), "[ahoy]");
    assert_eq!(ask(&container, 80), "[ahoy]");
    let other = inside(&router.namespace().try_clone_to_owned().unwrap(), || {
        std::net::TcpListener::bind((ADDRESS, 81)).unwrap()
    });
    for namespace in [&host, &container] {
        let refused =
            inside(namespace, || Blocking::connect_timeout(&(ADDRESS, 81).into(), Duration::from_millis(200)));
        assert!(refused.is_err(), "{other:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_server_listens_again() {
    let registries = registries("hub.hafen:5000");
    let (router, _host, container) = host(&registries).await;
    for _ in 0..2 {
        let again = router.namespace().try_clone_to_owned().unwrap();
        let router = Router::open(Some(again), port(&registries)).await.unwrap();
        let listener = HarbourListener::open(&router, registries.clone()).await.unwrap().unwrap();
        assert_eq!(ask(&container, 5000), "[ahoy]");
        drop(listener);
        // Its socket is gone when its task is.
        let start = Instant::now();
        while inside(&container, || Blocking::connect((ADDRESS, 5000))).is_ok() {
            assert!(start.elapsed() < Duration::from_secs(20));
        }
    }
}

#[tokio::test]
async fn without_a_registry_nobody_listens() {
    let registries = Registries::new(&RegistryConfig::default(), false).unwrap();
    let router = Router::open(None, port(&registries)).await.unwrap();
    assert!(HarbourListener::open(&router, Arc::new(registries)).await.unwrap().is_none());
}

#[test]
fn the_name_is_without_its_port() {
    assert_eq!(hosts_line("hub.hafen:5000"), "169.254.75.1\thub.hafen\n");
    assert_eq!(split("hub.hafen:5000"), ("hub.hafen", 5000));
    assert_eq!(split("hub.hafen"), ("hub.hafen", 80));
}
