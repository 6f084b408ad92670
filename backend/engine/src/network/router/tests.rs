//! With real namespaces, also for the machine: they need root and nft, as the engine does.

#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::network::Bridge;
use crate::network::testing::{endpoint, namespace, within as inside};
use futures_util::TryStreamExt;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType};
use std::net::UdpSocket;
use std::time::Duration;

const WORLD: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
const MACHINE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);
const PRIVATE: Ipv4Addr = Ipv4Addr::new(10, 9, 9, 9);

/// A machine with a cable to a world that has a public and a private address, and two hosts with a container each.
struct Place {
    world: OwnedFd,
    machine: OwnedFd,
    hosts: [OwnedFd; 2],
    containers: [OwnedFd; 2],
    router: Option<Router>,
}

impl Place {
    async fn new() -> Self {
        let place = Self {
            world: namespace(),
            machine: namespace(),
            hosts: [namespace(), namespace()],
            containers: [namespace(), namespace()],
            router: None,
        };
        let machine = Netlink::open(place.machine.as_fd()).await.unwrap();
        let world = Netlink::open(place.world.as_fd()).await.unwrap();
        let peer = LinkMessageBuilder::<LinkUnspec>::new().name("w").setns_by_fd(place.world.as_raw_fd()).build();
        let cable = LinkMessageBuilder::<LinkVeth>::new("m", "w").set_info_data(InfoData::Veth(InfoVeth::Peer(peer)));
        machine.handle().link().add(cable.up().build()).execute().await.unwrap();
        for (netlink, name, addresses) in [(&machine, "m", &[MACHINE][..]), (&world, "w", &[WORLD, PRIVATE][..])] {
            let index = netlink.index(name).await.unwrap().unwrap();
            for address in addresses {
                netlink.handle().address().add(index, IpAddr::V4(*address), 24).execute().await.unwrap();
            }
            netlink.handle().link().set(LinkUnspec::new_with_index(index).up().build()).execute().await.unwrap();
        }
        let route = RouteMessageBuilder::<Ipv4Addr>::new().gateway(WORLD).build();
        machine.handle().route().add(route).execute().await.unwrap();

        let router = Router::open(None, &BTreeSet::new()).await.unwrap();
        router.let_out(place.machine.try_clone().unwrap(), Some(PRIVATE)).await.unwrap();
        for (number, (host, container)) in (0..).zip(place.hosts.iter().zip(&place.containers)) {
            let bridge = Bridge::open(host.as_fd()).await.unwrap();
            bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap();
            router.connect(number, &bridge, host.as_fd(), true).await.unwrap();
            // A second time, as after a restart of the server.
            router.connect(number, &bridge, host.as_fd(), true).await.unwrap();
        }
        Self { router: Some(router), ..place }
    }
}

fn listen(namespace: &OwnedFd, address: Ipv4Addr, port: u16) -> UdpSocket {
    let socket = inside(namespace, || UdpSocket::bind((address, port)).unwrap());
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket
}

/// A socket that has just sent something there.
fn send(namespace: &OwnedFd, address: Ipv4Addr, port: u16) -> UdpSocket {
    let socket = listen(namespace, Ipv4Addr::UNSPECIFIED, 0);
    // A refusal may come before or after.
    let _ = socket.send_to(b"ahoy", (address, port));
    socket
}

fn arrives(at: &UdpSocket) -> Option<std::net::SocketAddr> {
    at.recv_from(&mut [0; 16]).ok().map(|(_, from)| from)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_and_containers_reach_the_world_as_the_machine() {
    let place = Place::new().await;
    let world = listen(&place.world, WORLD, 4000);
    for namespace in place.hosts.iter().chain(&place.containers) {
        let sender = send(namespace, WORLD, 4000);
        let from = arrives(&world).unwrap();
        assert_eq!(from.ip(), IpAddr::V4(MACHINE));
        world.send_to(b"ahoy", from).unwrap();
        assert_eq!(arrives(&sender).unwrap().ip(), IpAddr::V4(WORLD));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_reach_nothing_else() {
    let place = Place::new().await;
    let (neighbours_cable, neighbour) = addresses(FIRST_HOST + 1);
    let (own_cable, _) = addresses(FIRST_HOST);
    let (machines_end, uplink) = addresses(1);
    let router = place.router.as_ref().unwrap().namespace().try_clone_to_owned().unwrap();
    let forbidden = [
        listen(&place.world, PRIVATE, 4000),
        listen(&place.machine, Ipv4Addr::UNSPECIFIED, 4000),
        listen(&place.hosts[1], Ipv4Addr::UNSPECIFIED, 4000),
        listen(&place.containers[1], Ipv4Addr::UNSPECIFIED, 4000),
        listen(&router, Ipv4Addr::UNSPECIFIED, 4000),
    ];
    for namespace in [&place.hosts[0], &place.containers[0]] {
        let within = [machines_end, uplink, own_cable, neighbours_cable, neighbour, registry::ADDRESS];
        for address in [PRIVATE, MACHINE, RESOLVER].into_iter().chain(within) {
            send(namespace, address, 4000);
        }
    }
    // What is sent last and allowed has arrived: what was forbidden would have before it.
    let world = listen(&place.world, WORLD, 4001);
    send(&place.containers[0], WORLD, 4001);
    arrives(&world).unwrap();
    for socket in &forbidden {
        socket.set_nonblocking(true).unwrap();
        assert_eq!(arrives(socket), None, "{socket:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_host_is_kept_in_while_its_neighbour_is_let_out() {
    let place = Place::new().await;
    let router = place.router.as_ref().unwrap();
    let again = Router::open(Some(router.namespace.try_clone().unwrap()), &BTreeSet::new()).await.unwrap();
    let bridge = Bridge::open(place.hosts[0].as_fd()).await.unwrap();
    let world = listen(&place.world, WORLD, 4000);
    // What has begun while it was let out doesn't go on.
    let begun = send(&place.containers[0], WORLD, 4000);
    let from = arrives(&world).unwrap();
    world.send_to(b"ahoy", from).unwrap();
    assert!(arrives(&begun).is_some());
    again.connect(0, &bridge, place.hosts[0].as_fd(), false).await.unwrap();
    let _ = begun.send_to(b"more", (WORLD, 4000));
    world.send_to(b"more", from).unwrap();
    let refused = inside(&place.containers[0], || std::net::TcpStream::connect((WORLD, 4000))).unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(Errno::ENETUNREACH as i32), "as if there were no uplink");
    let neighbour = send(&place.containers[1], WORLD, 4000);
    world.send_to(b"ahoy", arrives(&world).unwrap()).unwrap();
    assert!(arrives(&neighbour).is_some(), "and the first to arrive is the neighbour's");
    begun.set_nonblocking(true).unwrap();
    assert_eq!(arrives(&begun), None);
    let cables = cables(&again.netlink).await.unwrap();
    assert_eq!(cables, BTreeMap::from([(0, false), (1, true)]), "the next server sees it");
    again.connect(0, &bridge, place.hosts[0].as_fd(), true).await.unwrap();
    send(&place.containers[0], WORLD, 4000);
    assert!(arrives(&world).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reaches_them_from_outside() {
    let place = Place::new().await;
    let (_, host) = addresses(FIRST_HOST);
    let (_, uplink) = addresses(1);
    let listening = listen(&place.hosts[0], Ipv4Addr::UNSPECIFIED, 4000);
    // Neither the world nor the machine, even if both know the way.
    for (namespace, gateway) in [(&place.world, MACHINE), (&place.machine, uplink)] {
        let netlink = Netlink::open(namespace.as_fd()).await.unwrap();
        let route = RouteMessageBuilder::<Ipv4Addr>::new().destination_prefix(host, 32).gateway(gateway).build();
        netlink.handle().route().add(route).execute().await.unwrap();
        send(namespace, host, 4000);
    }
    // The same from the router itself arrives, and nothing before it.
    let router = place.router.as_ref().unwrap().namespace().try_clone_to_owned().unwrap();
    let from = send(&router, host, 4000).local_addr().unwrap().port();
    assert_eq!(arrives(&listening).unwrap().port(), from);
    listening.set_nonblocking(true).unwrap();
    assert_eq!(arrives(&listening), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_sender_is_dropped() {
    let place = Place::new().await;
    // A tenant is root of the namespace, and can do without our rules there.
    inside(&place.hosts[0], || nft("delete table ip lernhafen").unwrap());
    let inside_host = Netlink::open(place.hosts[0].as_fd()).await.unwrap();
    let index = inside_host.index("eth0").await.unwrap().unwrap();
    let (_, neighbour) = addresses(FIRST_HOST + 1);
    inside_host.handle().address().add(index, IpAddr::V4(neighbour), 32).execute().await.unwrap();
    let world = listen(&place.world, WORLD, 4000);
    let forger = listen(&place.hosts[0], neighbour, 0);
    let _ = forger.send_to(b"ahoy", (WORLD, 4000));
    let honest = send(&place.hosts[0], WORLD, 4000);
    let first = arrives(&world).unwrap();
    world.send_to(b"ahoy", first).unwrap();
    assert!(arrives(&honest).is_some());
    world.set_nonblocking(true).unwrap();
    assert_eq!(arrives(&world), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_asked_of_the_machines_resolver() {
    let place = Place::new().await;
    let resolver = listen(&place.world, PRIVATE, 53);
    for namespace in [&place.hosts[0], &place.containers[0]] {
        let asking = send(namespace, RESOLVER, 53);
        let from = arrives(&resolver).unwrap();
        resolver.send_to(b"ahoy", from).unwrap();
        assert_eq!(arrives(&asking).unwrap(), (RESOLVER, 53).into());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_begins_is_no_event_on_the_machine() {
    let place = Place::new().await;
    let links = async || {
        let netlink = Netlink::open(place.machine.as_fd()).await.unwrap();
        let links: Vec<_> = netlink.handle().link().get().execute().try_collect().await.unwrap();
        links.iter().map(|link| link.header.index).collect::<Vec<_>>()
    };
    let before = links().await;
    let events = inside(&place.machine, || {
        let socket = netlink_socket();
        nix::sys::socket::bind(socket.as_raw_fd(), &nix::sys::socket::NetlinkAddr::new(0, ALL_GROUPS)).unwrap();
        socket
    });
    let host = namespace();
    let bridge = Bridge::open(host.as_fd()).await.unwrap();
    place.router.as_ref().unwrap().connect(2, &bridge, host.as_fd(), true).await.unwrap();
    let heard = nix::sys::socket::recv(events.as_raw_fd(), &mut [0; 4096], MsgFlags::MSG_DONTWAIT);
    assert_eq!(heard, Err(Errno::EAGAIN), "nobody hears of it");
    assert_eq!(links().await, before);
    // This is heard of.
    let machine = Netlink::open(place.machine.as_fd()).await.unwrap();
    machine.handle().link().add(LinkMessageBuilder::<LinkVeth>::new("x", "y").build()).execute().await.unwrap();
    assert!(nix::sys::socket::recv(events.as_raw_fd(), &mut [0; 4096], MsgFlags::MSG_DONTWAIT).is_ok());
}

/// Links, addresses and routes: `RTMGRP_LINK` and the others of `<linux/rtnetlink.h>`.
const ALL_GROUPS: u32 = 0x1 | 0x4 | 0x10 | 0x40 | 0x100 | 0x400;

fn netlink_socket() -> OwnedFd {
    let (family, kind) = (AddressFamily::Netlink, SockType::Raw);
    nix::sys::socket::socket(family, kind, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkRoute).unwrap()
}

#[tokio::test]
async fn a_host_that_begins_again_gets_its_cable_again() {
    let router = Router::open(None, &BTreeSet::new()).await.unwrap();
    let (before, after) = (namespace(), namespace());
    for host in [&before, &after] {
        let bridge = Bridge::open(host.as_fd()).await.unwrap();
        router.connect(7, &bridge, host.as_fd(), true).await.unwrap();
        assert!(bridge.host().index("eth0").await.unwrap().is_some());
    }
    let again = Router::open(Some(router.namespace.try_clone().unwrap()), &BTreeSet::new()).await.unwrap();
    assert_eq!((again.was_let_out(7), again.was_let_out(8)), (Some(true), None));
}

#[tokio::test]
async fn a_machine_without_resolver_lets_hosts_out_too() {
    let (machine, router) = (namespace(), Router::open(None, &BTreeSet::new()).await.unwrap());
    let outside = Netlink::open(machine.as_fd()).await.unwrap();
    // A second time everything is there already.
    for _ in 0..2 {
        router.let_out(machine.try_clone().unwrap(), None).await.unwrap();
        assert!(outside.index("lernhafen1").await.unwrap().is_some());
        assert!(outside.index("lernhafen2").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn two_engines_share_the_machine_and_leave_nothing() {
    let machine = namespace();
    let netlink = Netlink::open(machine.as_fd()).await.unwrap();
    let mut routers = Vec::new();
    for name in ["lernhafen1", "lernhafen2"] {
        let router = Router::open(None, &BTreeSet::new()).await.unwrap();
        router.let_out(machine.try_clone().unwrap(), None).await.unwrap();
        assert!(netlink.index(name).await.unwrap().is_some(), "{name}");
        routers.push(router);
    }
    drop(routers);
    let start = std::time::Instant::now();
    while netlink.index("lernhafen1").await.unwrap().is_some() || netlink.index("lernhafen2").await.unwrap().is_some() {
        assert!(start.elapsed() < Duration::from_secs(20), "the kernel takes them away");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
