//! `EXPOSE`

use crate::{Error, Result};

/// What `EXPOSE` lists: a port or a range of them, with a protocol or without. A host's port before it doesn't matter.
///
/// # Errors
/// In Docker's words.
pub(super) fn port_range(spec: &str) -> Result<Vec<String>> {
    let (ports, protocol) = spec.split_once('/').unwrap_or((spec, "tcp"));
    let (before, ports) = ports.rsplit_once(':').map_or((None, ports), |(before, ports)| (Some(before), ports));
    let range = |text: &str| -> Option<(u16, u16)> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last).then_some((first, last))
    };
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(Error::invalid(format!("Invalid proto: {protocol}")));
    }
    let (first, last) = range(ports).ok_or_else(|| Error::invalid(format!("Invalid containerPort: {ports}")))?;
    let host = before.map(|before| before.rsplit_once(':').map_or(before, |(_, port)| port));
    if let Some(host) = host.filter(|host| !host.is_empty() && range(host).is_none()) {
        return Err(Error::invalid(format!("Invalid hostPort: {host}")));
    }
    Ok((first..=last).map(|port| format!("{port}/{protocol}")).collect())
}
