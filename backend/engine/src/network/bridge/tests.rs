//! With real namespaces: they need root, as the engine does.

#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::network::testing::{endpoint, ip, namespace, within};
use futures_util::TryStreamExt;
use rtnetlink::packet_route::address::AddressAttribute;
use rtnetlink::packet_route::link::{LinkAttribute, LinkFlags};
use rtnetlink::packet_route::route::{RouteAddress, RouteAttribute};
use std::fs::File;
use std::net::UdpSocket;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// Name, MAC, whether it is up.
async fn links(namespace: &OwnedFd) -> Vec<(String, Vec<u8>, bool)> {
    let netlink = Netlink::open(namespace.as_fd()).await.unwrap();
    let links: Vec<_> = netlink.handle().link().get().execute().try_collect().await.unwrap();
    links
        .into_iter()
        .map(|link| {
            let mut name = String::new();
            let mut mac = Vec::new();
            for attribute in link.attributes {
                match attribute {
                    LinkAttribute::IfName(text) => name = text,
                    LinkAttribute::Address(bytes) => mac = bytes,
                    _ => {}
                }
            }
            (name, mac, link.header.flags.contains(LinkFlags::Up))
        })
        .collect()
}

async fn addresses(namespace: &OwnedFd) -> Vec<String> {
    let netlink = Netlink::open(namespace.as_fd()).await.unwrap();
    let all: Vec<_> = netlink.handle().address().get().execute().try_collect().await.unwrap();
    let mut texts = Vec::new();
    for message in all {
        for attribute in message.attributes {
            if let AddressAttribute::Address(address) = attribute {
                texts.push(format!("{address}/{}", message.header.prefix_len));
            }
        }
    }
    texts
}

async fn default_route(namespace: &OwnedFd) -> Option<RouteAddress> {
    let netlink = Netlink::open(namespace.as_fd()).await.unwrap();
    let query = RouteMessageBuilder::<Ipv4Addr>::new().build();
    let routes: Vec<_> = netlink.handle().route().get(query).execute().try_collect().await.unwrap();
    let default = routes.into_iter().find(|route| route.header.destination_prefix_length == 0)?;
    default.attributes.into_iter().find_map(|attribute| match attribute {
        RouteAttribute::Gateway(gateway) => Some(gateway),
        _ => None,
    })
}

#[tokio::test]
async fn a_container_gets_what_docker_would_give_it() {
    let (host, container) = (namespace(), namespace());
    let bridge = Bridge::open(host.as_fd()).await.unwrap();
    bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap();

    let inside = links(&container).await;
    let eth0 = inside.iter().find(|link| link.0 == "eth0").unwrap();
    assert_eq!(eth0, &("eth0".to_owned(), vec![0x02, 0x42, 0xac, 0x11, 0, 2], true));
    assert_eq!(addresses(&container).await, ["172.17.0.2/16"]);
    assert_eq!(default_route(&container).await, Some(RouteAddress::Inet(GATEWAY)));

    let outside = links(&host).await;
    let names: Vec<&str> = outside.iter().map(|(name, ..)| name.as_str()).filter(|name| *name != "lo").collect();
    assert_eq!(names, ["docker0", "veth2000000"]);
    assert!(outside.iter().all(|(_, _, up)| *up));
    assert!(addresses(&host).await.contains(&"172.17.0.1/16".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn containers_reach_each_other_and_their_host_but_no_other_host() {
    let (host, a, b) = (namespace(), namespace(), namespace());
    let bridge = Bridge::open(host.as_fd()).await.unwrap();
    bridge.connect(a.as_fd(), &endpoint(2)).await.unwrap();
    bridge.connect(b.as_fd(), &endpoint(3)).await.unwrap();
    let (other_host, other) = (namespace(), namespace());
    let other_bridge = Bridge::open(other_host.as_fd()).await.unwrap();
    other_bridge.connect(other.as_fd(), &endpoint(3)).await.unwrap();

    let bind = |address: Ipv4Addr| {
        let socket = UdpSocket::bind((address, 4000)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        socket
    };
    let in_host = within(&host, || bind(GATEWAY));
    let in_b = within(&b, || bind(ip(3)));
    let in_other = within(&other, || bind(ip(3)));
    let in_a = within(&a, || bind(ip(2)));
    for (receiver, address) in [(&in_b, ip(3)), (&in_host, GATEWAY)] {
        in_a.send_to(b"ahoy", (address, 4000)).unwrap();
        let mut buffer = [0; 16];
        let (length, from) = receiver.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..length], from.ip()), (&b"ahoy"[..], IpAddr::V4(ip(2))));
    }
    in_other.set_nonblocking(true).unwrap();
    assert!(in_other.recv_from(&mut [0; 16]).is_err());
}

#[tokio::test]
async fn a_bridge_that_is_there_is_found_again() {
    let host = namespace();
    let first = Bridge::open(host.as_fd()).await.unwrap();
    let index = first.index;
    drop(first);
    assert_eq!(Bridge::open(host.as_fd()).await.unwrap().index, index);
    assert_eq!(links(&host).await.len(), 2);
}

#[tokio::test]
async fn connecting_fails_with_a_sentence() {
    let (host, container) = (namespace(), namespace());
    let bridge = Bridge::open(host.as_fd()).await.unwrap();
    let mut damaged = endpoint(2);
    damaged.address.as_mut().unwrap().mac = "02:42".to_owned();
    assert!(bridge.connect(container.as_fd(), &damaged).await.unwrap_err().message.contains("02:42"));
    let no_namespace = File::open("/dev/null").unwrap();
    let error = bridge.connect(no_namespace.as_fd(), &endpoint(2)).await.unwrap_err();
    assert!(error.message.contains("namespace"), "{error}");
    bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap();
    let error = bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap_err();
    assert!(error.message.contains("docker0"), "{error}");
}

#[tokio::test]
async fn connecting_leaves_nothing_open() {
    let (host, container) = (namespace(), namespace());
    let bridge = Bridge::open(host.as_fd()).await.unwrap();
    bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap();
    drop(bridge);
    // The connections are closed by their tasks, at the runtime's next turn.
    tokio::task::yield_now().await;
    for namespace in [&host, &container] {
        let sockets = within(namespace, || std::fs::read_to_string("/proc/thread-self/net/netlink").unwrap());
        // Columns: address, protocol, port id; the kernel's own have port 0.
        let open = sockets.lines().skip(1).filter(|line| line.split_whitespace().nth(2) != Some("0"));
        assert_eq!(open.count(), 0, "{sockets}");
    }
}
