//! With real namespaces, as in [`super::super::uplink`]'s tests.

#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::image::RegistryConfig;
use crate::network::Bridge;
use crate::network::testing::{endpoint, namespace, within as inside};
use rtnetlink::LinkUnspec;
use std::io::{Read, Write};
use std::net::TcpStream as Blocking;
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

/// A host's namespace with a bridge, and that of a container in it.
async fn host() -> (OwnedFd, OwnedFd) {
    let (host, container) = (namespace(), namespace());
    let netlink = Netlink::open(host.as_fd()).await.unwrap();
    let loopback = netlink.index("lo").await.unwrap().unwrap();
    netlink.handle().link().set(LinkUnspec::new_with_index(loopback).up().build()).execute().await.unwrap();
    let bridge = Bridge::open(host.try_clone().unwrap()).await.unwrap();
    bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap();
    (host, container)
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
async fn hosts_and_containers_reach_it_and_port_80_stays_free() {
    let (host, container) = host().await;
    let _listener = HarbourListener::open("ada", host.try_clone().unwrap(), registries("hub.hafen")).unwrap();
    assert_eq!(ask(&host, 80), "[ahoy]");
    assert_eq!(ask(&container, 80), "[ahoy]");
    inside(&host, || std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, 80))).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_server_listens_again() {
    let (host, container) = host().await;
    for _ in 0..2 {
        let listener = HarbourListener::open("ada", host.try_clone().unwrap(), registries("hub.hafen:5000")).unwrap();
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
    assert!(HarbourListener::open("ada", namespace(), Arc::new(registries)).is_none());
}

#[test]
fn the_name_is_without_its_port() {
    assert_eq!(hosts_line("hub.hafen:5000"), "169.254.75.1\thub.hafen\n");
    assert_eq!(split("hub.hafen:5000"), ("hub.hafen", 5000));
    assert_eq!(split("hub.hafen"), ("hub.hafen", 80));
}
