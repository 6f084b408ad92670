//! `docker0`, and the cables from it to the containers.

use super::netlink::{Netlink, is, without_ipv6};
use super::{Address, Endpoint};
use crate::{Error, Result};
use ipnet::Ipv4Net;
use nix::errno::Errno;
use rtnetlink::packet_route::link::{InfoData, InfoVeth};
use rtnetlink::{LinkBridge, LinkMessageBuilder, LinkUnspec, LinkVeth, RouteMessageBuilder};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsRawFd, BorrowedFd};

const NAME: &str = "docker0";
const GATEWAY: Ipv4Addr = Ipv4Addr::new(172, 17, 0, 1);
const PREFIX_LEN: u8 = 16;

/// A fixed one: a bridge without takes that of one of its ports, and would change it when that port goes.
const MAC: [u8; 6] = [0x02, 0x42, 172, 17, 0, 1];

/// The bridge of one virtual host.
#[derive(Debug)]
pub(crate) struct Bridge {
    host: Netlink,
    index: u32,
}

impl Bridge {
    /// Makes `docker0` in a virtual host's network namespace, or finds it there again.
    pub(crate) async fn open(namespace: BorrowedFd<'_>) -> Result<Self> {
        let host = Netlink::open(namespace).await?;
        let index = make(&host).await.map_err(|e| failed("The bridge docker0 can't be made", &e))?;
        Ok(Self { host, index })
    }

    pub(crate) fn subnet() -> Ipv4Net {
        Ipv4Net::new_assert(GATEWAY, PREFIX_LEN).trunc()
    }

    pub(crate) fn gateway() -> Ipv4Addr {
        GATEWAY
    }

    /// The connection into the namespace that it is in.
    pub(super) fn host(&self) -> &Netlink {
        &self.host
    }

    /// Gives a container's namespace an `eth0` with the endpoint's address, plugged into the bridge; nothing to one without.
    /// The cable goes when the namespace does; nobody needs to remove it.
    pub(crate) async fn connect(&self, container: BorrowedFd<'_>, endpoint: &Endpoint) -> Result<()> {
        let Some(address) = &endpoint.address else { return Ok(()) };
        let mac = mac(&address.mac)?;
        let inside = Netlink::open(container).await?;
        self.plug(container, endpoint, mac)
            .await
            .map_err(|e| failed("The container can't be plugged into docker0", &e))?;
        configure(&inside, address).await.map_err(|e| failed("The container's eth0 can't be set up", &e))
    }

    async fn plug(&self, container: BorrowedFd<'_>, endpoint: &Endpoint, mac: [u8; 6]) -> Result<(), rtnetlink::Error> {
        let inside = LinkMessageBuilder::<LinkUnspec>::new()
            .name("eth0")
            .address(mac.to_vec())
            .setns_by_fd(container.as_raw_fd())
            .build();
        // The end of the host carries a part of the endpoint's id: the old cable of an address that is given out
        // anew may be there for a moment more.
        let name: String = "veth".chars().chain(endpoint.endpoint_id.chars().take(7)).collect();
        let cable = LinkMessageBuilder::<LinkVeth>::new(&name, "eth0")
            .set_info_data(InfoData::Veth(InfoVeth::Peer(inside)))
            .controller(self.index)
            .up();
        self.host.handle().link().add(cable.build()).execute().await
    }
}

async fn make(host: &Netlink) -> Result<u32, rtnetlink::Error> {
    if let Some(index) = host.index(NAME).await? {
        return Ok(index);
    }
    let links = host.handle().link();
    links.set(LinkUnspec::new_with_name("lo").up().build()).execute().await?;
    let bridge = LinkBridge::new(NAME).address(MAC.to_vec());
    match links.add(bridge.build()).execute().await {
        Err(error) if !is(&error, Errno::EEXIST) => return Err(error),
        _ => {}
    }
    let index = host.index(NAME).await?.ok_or(rtnetlink::Error::RequestFailed)?;
    host.handle().address().add(index, IpAddr::V4(GATEWAY), PREFIX_LEN).replace().execute().await?;
    Ok(index)
}

/// Its `lo` is up since it was made.
async fn configure(inside: &Netlink, given: &Address) -> Result<(), rtnetlink::Error> {
    let handle = inside.handle();
    let index = inside.index("eth0").await?.ok_or(rtnetlink::Error::RequestFailed)?;
    let address = handle.address().add(index, IpAddr::V4(given.address), given.prefix_len).execute();
    let up = handle.link().set(without_ipv6(LinkUnspec::new_with_index(index)).up().build()).execute();
    let default = RouteMessageBuilder::<Ipv4Addr>::new().gateway(given.gateway).output_interface(index);
    let route = handle.route().add(default.build()).execute();
    // Sent one after the other, in this order, without waiting for each answer.
    futures_util::try_join!(address, up, route).map(drop)
}

fn mac(text: &str) -> Result<[u8; 6]> {
    let byte = |digits: &str| {
        let mut byte = [0];
        hex::decode_to_slice(digits, &mut byte).ok().map(|()| byte[0])
    };
    let bytes: Option<Vec<u8>> = text.split(':').map(byte).collect();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Error::invalid(format!("invalid MacAddress: address {text}: invalid MAC address")))
}

fn failed(what: &str, error: &rtnetlink::Error) -> Error {
    Error::system(format!("{what}: {error}"))
}

#[cfg(test)]
mod tests;
