//! With real namespaces, also for the machine: they need root and nft, as the engine does.

#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::network::Bridge;
use crate::network::testing::{endpoint, namespace, within as inside};
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
}

impl Place {
    async fn new() -> Self {
        let place = Self {
            world: namespace(),
            machine: namespace(),
            hosts: [namespace(), namespace()],
            containers: [namespace(), namespace()],
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

        let uplink = Uplink::open(place.machine.try_clone().unwrap(), Some(PRIVATE)).await.unwrap();
        for (host, container) in place.hosts.iter().zip(&place.containers) {
            let bridge = Bridge::open(host.try_clone().unwrap()).await.unwrap();
            bridge.connect(container.as_fd(), &endpoint(2)).await.unwrap();
            uplink.connect(host.as_fd()).await.unwrap();
            // A second time, as after a restart of the server.
            uplink.connect(host.as_fd()).await.unwrap();
        }
        place
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
    let (_, neighbour) = addresses(2);
    let forbidden = [
        listen(&place.world, PRIVATE, 4000),
        listen(&place.machine, Ipv4Addr::UNSPECIFIED, 4000),
        listen(&place.hosts[1], Ipv4Addr::UNSPECIFIED, 4000),
        listen(&place.containers[1], Ipv4Addr::UNSPECIFIED, 4000),
    ];
    for namespace in [&place.hosts[0], &place.containers[0]] {
        for address in [PRIVATE, MACHINE, addresses(1).0, addresses(2).0, neighbour, RESOLVER] {
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
async fn nobody_reaches_them_from_outside() {
    let place = Place::new().await;
    let (_, host) = addresses(1);
    let listening = listen(&place.hosts[0], Ipv4Addr::UNSPECIFIED, 4000);
    let world = Netlink::open(place.world.as_fd()).await.unwrap();
    let route = RouteMessageBuilder::<Ipv4Addr>::new().destination_prefix(host, 32).gateway(MACHINE).build();
    world.handle().route().add(route).execute().await.unwrap();
    send(&place.world, host, 4000);
    // The same from the machine itself arrives, and nothing before it.
    let from = send(&place.machine, host, 4000).local_addr().unwrap().port();
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
    let (_, neighbour) = addresses(2);
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

#[tokio::test]
async fn a_machine_without_resolver_lets_hosts_out_too() {
    let machine = namespace();
    Uplink::open(machine.try_clone().unwrap(), None).await.unwrap();
    // The rules replace themselves.
    Uplink::open(machine, None).await.unwrap();
}

#[tokio::test]
async fn two_engines_share_the_machine() {
    let (machine, hosts) = (namespace(), [namespace(), namespace()]);
    for host in &hosts {
        let uplink = Uplink::open(machine.try_clone().unwrap(), None).await.unwrap();
        uplink.connect(host.as_fd()).await.unwrap();
    }
    let netlink = Netlink::open(machine.as_fd()).await.unwrap();
    for name in ["lernhafen1", "lernhafen2"] {
        assert!(netlink.index(name).await.unwrap().is_some(), "{name}");
    }
}
