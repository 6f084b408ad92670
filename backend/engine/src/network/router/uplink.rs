//! The router's one cable to the machine, by which all virtual hosts reach the world.

use super::super::netlink::{Netlink, is};
use super::{FIRST_HOST, PREFIX_LEN, RESOLVER, Router, addresses, configure, forward, resolver, with};
use crate::namespace::{nft, within};
use crate::{Error, Result};
use nix::errno::Errno;
use rtnetlink::packet_route::link::{InfoData, InfoVeth};
use rtnetlink::{LinkMessageBuilder, LinkUnspec, LinkVeth, RouteMessageBuilder};
use std::fmt::Display;
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// The router's end.
const UPLINK: &str = "uplink";

/// The machine's rules. They name interfaces by their beginning: each engine has one.
const RULES: &str = include_str!("machine.nft");

impl Router {
    /// Connects the router with this process's machine, for the first host that is to be let out. Where that can't be, a line in the log
    /// says why.
    pub(crate) async fn open_uplink(&self) {
        let open = async || {
            if let Err(error) = self.let_out_by_machine().await {
                tracing::warn!(%error, "virtual hosts have no way out");
            }
        };
        self.uplink.get_or_init(open).await;
    }

    async fn let_out_by_machine(&self) -> Result<()> {
        let resolver = resolver::upstream();
        if resolver.is_none() {
            tracing::warn!("/etc/resolv.conf names no resolver that can be forwarded to: hosts can't resolve names");
        }
        let machine = File::open("/proc/self/ns/net").map_err(|e| Error::system(e.to_string()))?;
        self.let_out(machine.into(), resolver).await
    }

    /// Sets the machine's network namespace up: its rules, in a table `lernhafen` that replaces an older one, forwarding, and a cable
    /// to here unless there is one. What hosts ask [`RESOLVER`] goes to `resolver`; without one they can't resolve names.
    ///
    /// # Errors
    /// `nft` is missing, or it or the kernel refuses.
    pub(super) async fn let_out(&self, machine: OwnedFd, resolver: Option<Ipv4Addr>) -> Result<()> {
        let failed = |e: &dyn Display| Error::system(format!("The machine can't let hosts out: {e}"));
        let outside = Netlink::open(machine.as_fd()).await?;
        let rules = with(RULES, "{resolver}", resolver);
        let ready = within(machine, move || {
            forward()?;
            nft(&rules)
        });
        ready.await.map_err(|e| failed(&e))?;
        if self.is_let_out().await.map_err(|e| failed(&e))? {
            return Ok(());
        }
        // One that a killed server has left half made.
        self.unplug().await?;
        let pair = self.plug_into(&outside).await.map_err(|e| failed(&e))?;
        let (outer, inner) = addresses(pair);
        configure(&self.netlink, UPLINK, inner, outer).await.map_err(|e| failed(&e))
    }

    /// The way out is the last that a cable is given.
    async fn is_let_out(&self) -> Result<bool, rtnetlink::Error> {
        use futures_util::TryStreamExt;
        let asked = RouteMessageBuilder::<Ipv4Addr>::new().destination_prefix(RESOLVER, 32).build();
        match self.netlink.handle().route().get(asked).execute().try_next().await {
            Err(error) if is(&error, Errno::ENETUNREACH) => Ok(false),
            found => found.map(|route| route.is_some()),
        }
    }

    async fn unplug(&self) -> Result<()> {
        let unplugged = match self.netlink.index(UPLINK).await {
            Ok(Some(index)) => self.netlink.handle().link().del(index).execute().await,
            other => other.map(drop),
        };
        unplugged.map_err(|e| Error::system(format!("The uplink can't be removed: {e}")))
    }

    /// Answers with the pair of addresses that is the uplink's. The kernel knows which are taken by other engines.
    async fn plug_into(&self, machine: &Netlink) -> Result<u32, rtnetlink::Error> {
        let handle = machine.handle();
        for pair in 1..FIRST_HOST {
            let name = format!("lernhafen{pair}");
            let inside =
                LinkMessageBuilder::<LinkUnspec>::new().name(UPLINK).setns_by_fd(self.namespace.as_raw_fd()).build();
            let cable = LinkMessageBuilder::<LinkVeth>::new(&name, UPLINK)
                .set_info_data(InfoData::Veth(InfoVeth::Peer(inside)))
                .up();
            match handle.link().add(cable.build()).execute().await {
                Err(error) if is(&error, Errno::EEXIST) => continue,
                result => result?,
            }
            let index = machine.index(&name).await?.ok_or(rtnetlink::Error::RequestFailed)?;
            handle.address().add(index, IpAddr::V4(addresses(pair).0), PREFIX_LEN).execute().await?;
            return Ok(pair);
        }
        Err(rtnetlink::Error::RequestFailed)
    }
}
