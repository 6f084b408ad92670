//! The router: a network namespace in which the cables of all virtual hosts end, with one uplink to the machine.
//!
//! Hosts come and go in it without the machine's own network noticing: a browser on the machine takes every new interface for a change
//! of network, and breaks off what it is loading. The namespace lives as long as somebody holds it: the server, and the keeper of every
//! host that has a cable to it. With the last of them the kernel takes it away, and the uplink with it.
//!
//! All addresses are from the range for benchmarks, as the one for carriers (100.64.0.0/10) is taken, and guarded, by common VPNs: pairs
//! of two, which are all that a cable needs (RFC 3021).

mod resolver;
mod uplink;

use super::bridge::Bridge;
use super::netlink::{Netlink, is};
use super::nftables::masquerade;
use super::registry;
use crate::namespace::{self, nft, within};
use crate::{Error, Result};
use futures_util::TryStreamExt;
use nix::errno::Errno;
use rtnetlink::packet_route::link::{InfoData, InfoVeth, LinkAttribute};
use rtnetlink::{LinkMessageBuilder, LinkUnspec, LinkVeth, RouteMessageBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::{fs, io};
use tokio::sync::OnceCell;

/// Where every virtual host asks for names. Nobody listens there: the machine's rules lead it to its own resolver.
pub(crate) const RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);

const RANGE: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);
const PREFIX_LEN: u8 = 31;

/// The first pair of addresses that is a host's: those before are for uplinks, of which each engine on the machine has one.
const FIRST_HOST: u32 = 128;

/// How many hosts have a pair.
const MOST: u32 = 65_536 - FIRST_HOST;

/// Names of the interfaces in here begin with this, and those of hosts that are kept in with more: all that the rules know of a host.
const CABLE: &str = "host";
const KEPT_IN: &str = "host-kept";

/// The cable of host 0 has this number among the kernel's, the others follow: nobody has to ask which one was given.
const FIRST_INDEX: u32 = 1000;

/// They name interfaces by their beginning: no host needs one of its own.
const RULES: &str = include_str!("router.nft");

/// The end of all cables.
#[derive(Debug)]
pub(crate) struct Router {
    namespace: OwnedFd,
    netlink: Netlink,
    /// Hosts that had their cable when the server began, and whether they were let out.
    connected: BTreeMap<u32, bool>,
    uplink: OnceCell<()>,
}

impl Router {
    /// A router as it is `found` with a keeper, or a new one, set up either way; without its uplink. `registries`: the ports where
    /// hosts reach theirs at [`registry::ADDRESS`].
    ///
    /// # Errors
    /// `nft` is missing, or it or the kernel refuses.
    pub(crate) async fn open(found: Option<OwnedFd>, registries: &BTreeSet<u16>) -> Result<Self> {
        let failed =
            |e: &dyn Display| Error::system(format!("Virtual hosts can't have a network beyond their own: {e}"));
        let namespace = match found {
            Some(found) => found,
            None => namespace::new().await.map_err(|e| failed(&e))?,
        };
        let ports = registries.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let rules = with(RULES, "{registries}", Some(ports).filter(|ports| !ports.is_empty()));
        let entered = namespace.try_clone().map_err(|e| failed(&e))?;
        within(entered, move || set_up(&rules)).await.map_err(|e| failed(&e))?;
        let netlink = Netlink::open(namespace.as_fd()).await?;
        prepare(&netlink).await.map_err(|e| failed(&e))?;
        let connected = cables(&netlink).await.map_err(|e| failed(&e))?;
        Ok(Self { namespace, netlink, connected, uplink: OnceCell::new() })
    }

    pub(crate) fn namespace(&self) -> BorrowedFd<'_> {
        self.namespace.as_fd()
    }

    /// Whether the host of that number was let out by a server before this one; `None`: it was not connected.
    pub(crate) fn was_let_out(&self, host: u32) -> Option<bool> {
        self.connected.get(&host).copied()
    }

    /// The number of the host that has that address.
    pub(crate) fn host_at(address: Ipv4Addr) -> Option<u32> {
        (u32::from(address).checked_sub(u32::from(RANGE))? / 2).checked_sub(FIRST_HOST)
    }

    /// Gives the virtual host of that number its `eth0`, beside the bridge in its namespace, with a `way_out` by the uplink or without;
    /// if it has one, that is let out or kept in. The cable goes when the host does.
    ///
    /// # Errors
    /// The kernel refuses.
    pub(crate) async fn connect(
        &self,
        host: u32,
        bridge: &Bridge,
        namespace: BorrowedFd<'_>,
        way_out: bool,
    ) -> Result<()> {
        let inside = bridge.host();
        let failed = |e: &dyn Display| Error::system(format!("The virtual host can't be connected: {e}"));
        if host >= MOST {
            return Err(failed(&format!("there are addresses for {MOST} hosts, and this is number {host}")));
        }
        if inside.index("eth0").await.map_err(|e| failed(&e))?.is_some() {
            return self.rename(host, way_out).await.map_err(|e| failed(&e));
        }
        let entered = namespace.try_clone_to_owned().map_err(|e| failed(&e))?;
        let ready = within(entered, || {
            forward()?;
            // What containers send leaves with the host's address.
            masquerade("eth0")
        });
        ready.await.map_err(|e| failed(&e))?;
        self.plug(host, namespace, way_out).await.map_err(|e| failed(&e))?;
        let (outer, inner) = addresses(FIRST_HOST + host);
        configure(inside, "eth0", inner, outer).await.map_err(|e| failed(&e))
    }

    async fn plug(&self, host: u32, namespace: BorrowedFd<'_>, way_out: bool) -> Result<(), rtnetlink::Error> {
        let links = self.netlink.handle().link();
        let index = FIRST_INDEX + host;
        let cable = || {
            let inside =
                LinkMessageBuilder::<LinkUnspec>::new().name("eth0").setns_by_fd(namespace.as_raw_fd()).build();
            LinkMessageBuilder::<LinkVeth>::new(&cable_of(host, way_out), "eth0")
                .index(index)
                .set_info_data(InfoData::Veth(InfoVeth::Peer(inside)))
                .up()
                .build()
        };
        match links.add(cable()).execute().await {
            // The host has just ended and begins again: the kernel takes namespaces apart in its own time.
            Err(error) if is(&error, Errno::EEXIST) || is(&error, Errno::EBUSY) => {
                match links.del(index).execute().await {
                    Err(error) if !is(&error, Errno::ENODEV) => return Err(error),
                    _ => {}
                }
                links.add(cable()).execute().await?;
            }
            result => result?,
        }
        let (outer, _) = addresses(FIRST_HOST + host);
        self.netlink.handle().address().add(index, IpAddr::V4(outer), PREFIX_LEN).execute().await
    }

    /// Calls a host's cable otherwise, if it isn't called so. Kernels before 6.2 don't rename what is up.
    async fn rename(&self, host: u32, way_out: bool) -> Result<(), rtnetlink::Error> {
        let name = cable_of(host, way_out);
        if self.netlink.index(&name).await?.is_some() {
            return Ok(());
        }
        let cable = || LinkUnspec::new_with_index(FIRST_INDEX + host);
        for change in [cable().down(), cable().name(&name), cable().up()] {
            self.netlink.handle().link().set(change.build()).execute().await?;
        }
        Ok(())
    }
}

/// What the cable of the host of that number is called.
fn cable_of(host: u32, way_out: bool) -> String {
    format!("{}{host}", if way_out { CABLE } else { KEPT_IN })
}

/// Done in the router's namespace.
fn set_up(rules: &str) -> io::Result<()> {
    forward()?;
    // Hosts have no version 6 here, and nobody needs to look for neighbours that speak it.
    let ipv6 = Path::new("/proc/sys/net/ipv6/conf/default/disable_ipv6");
    if ipv6.exists() {
        fs::write(ipv6, "1")?;
    }
    nft(rules)
}

fn forward() -> io::Result<()> {
    fs::write("/proc/sys/net/ipv4/ip_forward", "1")
}

async fn prepare(netlink: &Netlink) -> Result<(), rtnetlink::Error> {
    let loopback = netlink.index("lo").await?.ok_or(rtnetlink::Error::RequestFailed)?;
    netlink.handle().link().set(LinkUnspec::new_with_index(loopback).up().build()).execute().await?;
    netlink.handle().address().add(loopback, IpAddr::V4(registry::ADDRESS), 32).replace().execute().await
}

/// The numbers of the hosts that have a cable, and whether they are let out.
async fn cables(netlink: &Netlink) -> Result<BTreeMap<u32, bool>, rtnetlink::Error> {
    let mut links = netlink.handle().link().get().execute();
    let mut found = BTreeMap::new();
    while let Some(link) = links.try_next().await? {
        let cable = link.attributes.iter().find_map(|attribute| match attribute {
            LinkAttribute::IfName(name) => {
                let kept_in = name.strip_prefix(KEPT_IN);
                Some((kept_in.or(name.strip_prefix(CABLE))?.parse::<u32>().ok()?, kept_in.is_none()))
            }
            _ => None,
        });
        found.extend(cable);
    }
    Ok(found)
}

/// One end of a cable: its address, and the way to everywhere by the other end.
async fn configure(netlink: &Netlink, name: &str, own: Ipv4Addr, other: Ipv4Addr) -> Result<(), rtnetlink::Error> {
    let handle = netlink.handle();
    let index = netlink.index(name).await?.ok_or(rtnetlink::Error::RequestFailed)?;
    handle.address().add(index, IpAddr::V4(own), PREFIX_LEN).execute().await?;
    handle.link().set(LinkUnspec::new_with_index(index).up().build()).execute().await?;
    let default = RouteMessageBuilder::<Ipv4Addr>::new().gateway(other).output_interface(index);
    handle.route().add(default.build()).execute().await
}

/// A pair's two addresses: the end nearer to the world, and the other.
fn addresses(pair: u32) -> (Ipv4Addr, Ipv4Addr) {
    let outer = u32::from(RANGE) + 2 * pair;
    (Ipv4Addr::from(outer), Ipv4Addr::from(outer + 1))
}

/// Rules with a value in its place; without a value, without the lines that need it.
fn with(rules: &str, place: &str, value: Option<impl Display>) -> String {
    match value {
        Some(value) => rules.replace(place, &value.to_string()),
        None => rules.lines().filter(|line| !line.contains(place)).collect::<Vec<_>>().join("\n"),
    }
}

#[cfg(test)]
mod tests;
