//! Which addresses of a subnet are free.

use ipnet::Ipv4Net;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// The addresses of one subnet. Kept nowhere: who starts again takes those of the containers that run.
#[derive(Debug)]
pub(crate) struct Addresses {
    subnet: Ipv4Net,
    taken: BTreeSet<Ipv4Addr>,
}

impl Addresses {
    /// All are free but the gateway's, which is the first.
    pub(crate) fn new(subnet: Ipv4Net) -> Self {
        Self { subnet, taken: subnet.hosts().take(1).collect() }
    }

    /// Takes a certain address, whether it was free or not.
    pub(crate) fn take(&mut self, address: Ipv4Addr) {
        self.taken.insert(address);
    }

    /// Takes the lowest that is free. `None`: all are taken.
    pub(crate) fn next(&mut self) -> Option<Ipv4Addr> {
        // The taken ones are in order: the first that differs from its neighbour in the subnet is a gap.
        let mut taken = self.taken.iter();
        let free = self.subnet.hosts().find(|address| taken.next() != Some(address))?;
        self.taken.insert(free);
        Some(free)
    }

    pub(crate) fn release(&mut self, address: Ipv4Addr) {
        self.taken.remove(&address);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn address(text: &str) -> Ipv4Addr {
        text.parse().unwrap()
    }

    #[test]
    fn the_lowest_free_one_comes_next() {
        let mut addresses = Addresses::new("172.17.0.0/16".parse().unwrap());
        assert_eq!(addresses.next(), Some(address("172.17.0.2")));
        assert_eq!(addresses.next(), Some(address("172.17.0.3")));
        addresses.take(address("172.17.0.4"));
        addresses.take(address("172.17.0.6"));
        assert_eq!(addresses.next(), Some(address("172.17.0.5")));
        assert_eq!(addresses.next(), Some(address("172.17.0.7")));
        addresses.release(address("172.17.0.3"));
        assert_eq!(addresses.next(), Some(address("172.17.0.3")));
    }

    #[test]
    fn a_full_subnet_has_none() {
        let mut addresses = Addresses::new("10.0.0.0/29".parse().unwrap());
        let all: Vec<_> = std::iter::from_fn(|| addresses.next()).collect();
        assert_eq!(all, ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"].map(address));
        addresses.release(address("10.0.0.4"));
        assert_eq!(addresses.next(), Some(address("10.0.0.4")));
        assert_eq!(addresses.next(), None);
    }
}
