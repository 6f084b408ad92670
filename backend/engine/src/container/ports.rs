//! Ports that a container listens on: `EXPOSE` and `--expose`. Exposing opens nothing; it says what is there.

use super::{Container, Status};
use crate::{Error, Result};

/// A port as it is written: `80/tcp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port<'a> {
    pub number: u16,
    pub protocol: &'a str,
}

impl<'a> Port<'a> {
    /// Reads `80`, `80/tcp`, `80/udp`.
    ///
    /// # Errors
    /// If it isn't one port with a protocol that there is.
    pub fn parse(text: &'a str) -> Result<Self> {
        let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        match (number.parse(), protocol) {
            (Ok(number), "tcp" | "udp" | "sctp") => Ok(Self { number, protocol }),
            _ => Err(Error::invalid(format!("invalid port specification: {text:?}"))),
        }
    }
}

/// Ports from the first to the last, of one protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
    pub protocol: String,
}

impl PortRange {
    pub(super) fn contains(&self, port: &Port) -> bool {
        (self.first..=self.last).contains(&port.number) && port.protocol == self.protocol
    }
}

impl Container {
    /// Its exposed ports, as long as it runs in a network; Docker shows and finds no others.
    pub fn open_ports(&self) -> &[String] {
        let is_open = self.state.status == Status::Running && self.network.is_some();
        if is_open { &self.exposed_ports } else { &[] }
    }
}

/// The ports of a container: its own and its image's, each once, as `80/tcp`.
pub(crate) fn exposed<'a>(own: &'a [String], image: impl IntoIterator<Item = &'a String>) -> Result<Vec<String>> {
    let mut ports = own.iter().chain(image).map(|port| Port::parse(port)).collect::<Result<Vec<_>>>()?;
    ports.sort_unstable();
    ports.dedup();
    Ok(ports.iter().map(|port| format!("{}/{}", port.number, port.protocol)).collect())
}
