//! Network namespaces for tests.

#![allow(clippy::unwrap_used, reason = "a test may")]

use super::{Address, Endpoint};
use nix::sched::CloneFlags;
use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;

/// A network namespace that lives as long as the descriptor.
pub(super) fn namespace() -> OwnedFd {
    let made = std::thread::spawn(|| {
        nix::sched::unshare(CloneFlags::CLONE_NEWNET).unwrap();
        File::open("/proc/thread-self/ns/net").unwrap()
    });
    made.join().unwrap().into()
}

pub(super) fn within<T: Send>(namespace: &OwnedFd, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let inside = scope.spawn(|| {
            nix::sched::setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
            work()
        });
        inside.join().unwrap()
    })
}

/// The place of 172.17.0.`number`.
pub(super) fn endpoint(number: u8) -> Endpoint {
    Endpoint {
        network: "bridge".to_owned(),
        network_id: "0".repeat(64),
        endpoint_id: format!("{number:064x}").chars().rev().collect(),
        address: Some(Address {
            address: ip(number),
            prefix_len: 16,
            gateway: Ipv4Addr::new(172, 17, 0, 1),
            mac: format!("02:42:ac:11:00:{number:02x}"),
        }),
    }
}

pub(super) fn ip(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(172, 17, 0, number)
}
