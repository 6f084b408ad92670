//! With real namespaces, as in the router's tests.

#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::network::Bridge;
use crate::network::testing::{endpoint, namespace, within as inside};
use std::io::{Read, Write};
use std::net::TcpStream as Blocking;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};
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

fn served(host: u32, port: u16) -> RegistryServed {
    let served = RegistryServed::default();
    served.set(host, Some((port, Arc::new(Echo))));
    served
}

/// A router, the namespaces of hosts 0 and 1 with a bridge each, and that of a container in the first.
async fn hosts(ports: &BTreeSet<u16>) -> (Router, [OwnedFd; 2], OwnedFd) {
    let (hosts, container) = ([namespace(), namespace()], namespace());
    let router = Router::open(None, ports).await.unwrap();
    for (number, host) in (0..).zip(&hosts) {
        let bridge = Bridge::open(host.as_fd()).await.unwrap();
        if number == 0 {
            bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap();
        }
        router.connect(number, &bridge, host.as_fd(), false).await.unwrap();
    }
    (router, hosts, container)
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
    // Who hangs up may do so before it is spoken to.
    let _ = stream.write_all(b"ahoy").and_then(|()| stream.shutdown(std::net::Shutdown::Write));
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_and_containers_reach_it_and_nothing_else_there() {
    let ports = BTreeSet::from([80, 5000]);
    let (router, [host, other_host], container) = hosts(&ports).await;
    let served = served(0, 80);
    let _listener = RegistryListener::open(&router, &ports, &served).await.unwrap();
    assert_eq!(ask(&host, 80), "[ahoy]");
    assert_eq!(ask(&container, 80), "[ahoy]");
    assert_eq!((ask(&host, 5000), ask(&other_host, 80)), (String::new(), String::new()), "that is another's");
    served.set(1, Some((5000, Arc::new(Echo))));
    assert_eq!((ask(&other_host, 5000), ask(&other_host, 80)), ("[ahoy]".to_owned(), String::new()));
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
    let ports = BTreeSet::from([5000]);
    let (router, _hosts, container) = hosts(&ports).await;
    for _ in 0..2 {
        let again = router.namespace().try_clone_to_owned().unwrap();
        let router = Router::open(Some(again), &ports).await.unwrap();
        let listener = RegistryListener::open(&router, &ports, &served(0, 5000)).await.unwrap();
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
