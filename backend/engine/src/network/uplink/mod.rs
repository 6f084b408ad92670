//! The way out of a virtual host: a cable to the machine, addresses translated on both ends.
//!
//! Cable `n` has the two addresses `198.18.0.0 + 2n` (the machine's end) and the next (the host's). They are from the
//! range for benchmarks, as the one for carriers (100.64.0.0/10) is taken, and guarded, by common VPNs.

mod resolver;

use super::namespace::{nft, within};
use super::netlink::{Netlink, is};
use crate::{Error, Result};
use nix::errno::Errno;
use rtnetlink::packet_route::link::{InfoData, InfoVeth};
use rtnetlink::{LinkMessageBuilder, LinkUnspec, LinkVeth, RouteMessageBuilder};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU16, Ordering};

/// Where every virtual host asks for names. Nobody listens there: the machine's rules lead it to its own resolver.
pub(crate) const RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);

const RANGE: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);

/// Two addresses are all that a cable needs (RFC 3021).
const PREFIX_LEN: u8 = 31;

/// The rules of the machine. They name interfaces by their beginning: no host needs one of its own.
const MACHINE_RULES: &str = include_str!("machine.nft");

const HOST_RULES: &str = include_str!("host.nft");

/// The machine's end of all cables.
#[derive(Debug)]
pub(crate) struct Uplink {
    machine: Netlink,
    /// The cable to try first. The kernel knows which are taken, also by other engines and by hosts that have just ended.
    next: AtomicU16,
}

impl Uplink {
    /// Of this process's machine. `None`, and a line in the log, if it can't let hosts out: they work without.
    pub(crate) async fn of_machine() -> Option<Self> {
        let resolver = resolver::upstream();
        if resolver.is_none() {
            tracing::warn!("/etc/resolv.conf names no resolver that can be forwarded to: hosts can't resolve names");
        }
        let machine = std::fs::File::open("/proc/self/ns/net").map_err(|e| Error::system(e.to_string()));
        let opened = match machine {
            Ok(machine) => Self::open(machine.into(), resolver).await,
            Err(error) => Err(error),
        };
        opened.inspect_err(|error| tracing::warn!(%error, "virtual hosts have no way out")).ok()
    }

    /// Sets the machine's network namespace up: its rules, in a table `lernhafen` that replaces an older one, and
    /// forwarding. What hosts ask [`RESOLVER`] goes to `resolver`; without one they can't resolve names.
    ///
    /// # Errors
    /// `nft` is missing, or refuses.
    async fn open(machine: OwnedFd, resolver: Option<Ipv4Addr>) -> Result<Self> {
        let rules = match resolver {
            Some(resolver) => MACHINE_RULES.replace("{resolver}", &resolver.to_string()),
            None => MACHINE_RULES.lines().filter(|line| !line.contains("{resolver}")).collect::<Vec<_>>().join("\n"),
        };
        let netlink = Netlink::open(machine.as_fd()).await?;
        set_up(machine, rules).await.map_err(|e| Error::system(format!("The machine can't let hosts out: {e}")))?;
        Ok(Self { machine: netlink, next: AtomicU16::new(1) })
    }

    /// Gives the virtual host's namespace an `eth0` to the machine; nothing if it has one. The cable goes when the
    /// namespace does.
    ///
    /// # Errors
    /// `nft` or the kernel refuses, or all 65,535 cables are taken.
    pub(crate) async fn connect(&self, host: BorrowedFd<'_>) -> Result<()> {
        let failed = |e: &dyn std::fmt::Display| Error::system(format!("The virtual host can't be let out: {e}"));
        let inside = Netlink::open(host).await?;
        if inside.index("eth0").await.map_err(|e| failed(&e))?.is_some() {
            return Ok(());
        }
        let namespace = host.try_clone_to_owned().map_err(|e| failed(&e))?;
        set_up(namespace, HOST_RULES.to_owned()).await.map_err(|e| failed(&e))?;
        let number = self.plug(host).await.map_err(|e| failed(&e))?;
        configure(&inside, number).await.map_err(|e| failed(&e))
    }

    /// Answers with the cable's number.
    async fn plug(&self, host: BorrowedFd<'_>) -> Result<u16, rtnetlink::Error> {
        let handle = self.machine.handle();
        for _ in 1..=u16::MAX {
            let number = self.next.fetch_add(1, Ordering::Relaxed).max(1);
            let name = format!("lernhafen{number}");
            let inside = LinkMessageBuilder::<LinkUnspec>::new().name("eth0").setns_by_fd(host.as_raw_fd()).build();
            let cable = LinkMessageBuilder::<LinkVeth>::new(&name, "eth0")
                .set_info_data(InfoData::Veth(InfoVeth::Peer(inside)))
                .up();
            match handle.link().add(cable.build()).execute().await {
                Err(error) if is(&error, Errno::EEXIST) => continue,
                result => result?,
            }
            let index = self.machine.index(&name).await?.ok_or(rtnetlink::Error::RequestFailed)?;
            let (outer, _) = addresses(number);
            handle.address().add(index, IpAddr::V4(outer), PREFIX_LEN).execute().await?;
            return Ok(number);
        }
        Err(rtnetlink::Error::RequestFailed)
    }
}

async fn configure(inside: &Netlink, number: u16) -> Result<(), rtnetlink::Error> {
    let handle = inside.handle();
    let (outer, inner) = addresses(number);
    let index = inside.index("eth0").await?.ok_or(rtnetlink::Error::RequestFailed)?;
    handle.address().add(index, IpAddr::V4(inner), PREFIX_LEN).execute().await?;
    handle.link().set(LinkUnspec::new_with_index(index).up().build()).execute().await?;
    let default = RouteMessageBuilder::<Ipv4Addr>::new().gateway(outer).output_interface(index);
    handle.route().add(default.build()).execute().await
}

/// The machine's end and the host's.
fn addresses(number: u16) -> (Ipv4Addr, Ipv4Addr) {
    let outer = u32::from(RANGE) + 2 * u32::from(number);
    (Ipv4Addr::from(outer), Ipv4Addr::from(outer + 1))
}

/// Forwarding on, and the rules loaded, in one namespace.
async fn set_up(namespace: OwnedFd, rules: String) -> io::Result<()> {
    within(namespace, move || {
        std::fs::write("/proc/sys/net/ipv4/ip_forward", "1")?;
        nft(&rules)
    })
    .await
}

#[cfg(test)]
mod tests;
