//! With real namespaces, as in the router's tests.

#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
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

fn echo() -> Reached {
    Box::new(|| Some(Arc::new(Echo)))
}

/// A router, a host's namespace with a bridge, and that of a container in it.
async fn host(port: u16) -> (Router, OwnedFd, OwnedFd) {
    let (host, container) = (namespace(), namespace());
    let router = Router::open(None, Some(port)).await.unwrap();
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
    let (router, host, container) = host(80).await;
    let _listener = HarbourListener::open(&router, 80, echo()).await.unwrap();
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
    let (router, _host, container) = host(5000).await;
    for _ in 0..2 {
        let again = router.namespace().try_clone_to_owned().unwrap();
        let router = Router::open(Some(again), Some(5000)).await.unwrap();
        let listener = HarbourListener::open(&router, 5000, echo()).await.unwrap();
        assert_eq!(ask(&container, 5000), "[ahoy]");
        drop(listener);
        // Its socket is gone when its task is.
        let start = Instant::now();
        while inside(&container, || Blocking::connect((ADDRESS, 5000))).is_ok() {
            assert!(start.elapsed() < Duration::from_secs(20));
        }
    }
}

#[test]
fn the_name_is_without_its_port() {
    assert_eq!(known_hosts(Some("hub.hafen:5000")), "169.254.75.1\thub.hafen\n");
    assert_eq!(known_hosts(None), "");
    assert_eq!(split("hub.hafen:5000"), ("hub.hafen", 5000));
    assert_eq!(split("hub.hafen"), ("hub.hafen", 80));
}
