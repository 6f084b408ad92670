//! A netfilter rule over netlink, as `nft` would load it: every host needs it, and a process for each would take as long as the rest of
//! the host does.

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};
use std::io::{Error, ErrorKind, Result};
use std::os::fd::AsRawFd;

/// `NFNL_MSG_BATCH_BEGIN` and `NFNL_MSG_BATCH_END` of `<linux/netfilter/nfnetlink.h>`: what is between takes effect as a whole, or not.
const BEGIN: u16 = 0x10;
const END: u16 = 0x11;

/// `NFNL_SUBSYS_NFTABLES`, and of `<linux/netfilter/nf_tables.h>` what is asked of it.
const NF_TABLES: u16 = 10;
const NEW_TABLE: u16 = NF_TABLES << 8;
const NEW_CHAIN: u16 = NF_TABLES << 8 | 3;
const NEW_RULE: u16 = NF_TABLES << 8 | 6;

/// Flags of a message: `NLM_F_REQUEST`, `NLM_F_ACK`, `NLM_F_CREATE`, `NLM_F_APPEND`.
const REQUEST: u16 = 0x1;
const ACK: u16 = 0x4;
const CREATE: u16 = 0x400;
const APPEND: u16 = 0x800;

const IPV4: u8 = 2;
const NESTED: u16 = 0x8000;

/// Length of an interface's name as the kernel compares it.
const NAME_LENGTH: usize = 16;

/// Adds to this thread's network namespace: what leaves by `interface` has the address of that interface. In nft's words:
///
/// ```text
/// table ip lernhafen { chain translate { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; } }
/// ```
///
/// # Errors
/// The kernel refuses: it has no `nf_tables`, for example.
pub(super) fn masquerade(interface: &str) -> Result<()> {
    let mut name = [0; NAME_LENGTH];
    let room = name.get_mut(..interface.len()).filter(|room| room.len() < NAME_LENGTH);
    room.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "an interface's name is too long"))?
        .copy_from_slice(interface.as_bytes());

    let (table, chain) = (b"lernhafen\0", b"translate\0");
    let hook = [attribute(1, &4_u32.to_be_bytes()), attribute(2, &100_u32.to_be_bytes())].concat();
    // The name of the interface that it leaves by, into a register; the rule ends here if it isn't ours.
    let load = [attribute(1, &1_u32.to_be_bytes()), attribute(2, &7_u32.to_be_bytes())].concat();
    let value = attribute(1, &name);
    let compare =
        [attribute(1, &1_u32.to_be_bytes()), attribute(2, &0_u32.to_be_bytes()), attribute(NESTED | 3, &value)]
            .concat();
    let expressions =
        [expression(b"meta\0", &load), expression(b"cmp\0", &compare), expression(b"masq\0", &[])].concat();
    let batch = [
        message(BEGIN, 0, 0, NF_TABLES, &[]),
        message(NEW_TABLE, CREATE, IPV4, 0, &attribute(1, table)),
        message(
            NEW_CHAIN,
            CREATE,
            IPV4,
            0,
            &[attribute(1, table), attribute(3, chain), attribute(NESTED | 4, &hook), attribute(7, b"nat\0")].concat(),
        ),
        message(
            NEW_RULE,
            CREATE | APPEND | ACK,
            IPV4,
            0,
            &[attribute(1, table), attribute(2, chain), attribute(NESTED | 4, &expressions)].concat(),
        ),
        message(END, 0, 0, NF_TABLES, &[]),
    ];
    ask(&batch.concat())
}

/// Sends a batch of which one message wants to be answered, and waits for the answer.
fn ask(batch: &[u8]) -> Result<()> {
    let protocol = SockProtocol::NetlinkNetFilter;
    let socket = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
    send(socket.as_raw_fd(), batch, MsgFlags::empty())?;
    let mut answer = [0; 4096];
    let length = recv(socket.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    // `struct nlmsghdr`, and then the number of the error, negative, or 0.
    match answer.get(..length).and_then(|answer| answer.get(16..20)?.try_into().ok()).map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(errno) => Err(Error::from_raw_os_error(-errno)),
        None => Err(Error::new(ErrorKind::InvalidData, "netfilter's answer can't be read")),
    }
}

/// A message with its `struct nlmsghdr` and `struct nfgenmsg`.
fn message(kind: u16, flags: u16, family: u8, resource: u16, attributes: &[u8]) -> Vec<u8> {
    let length = (20 + attributes.len()) as u32;
    let mut message = Vec::with_capacity(length as usize);
    message.extend(length.to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend((REQUEST | flags).to_ne_bytes());
    // No number, and nobody in particular who asks.
    message.extend([0; 8]);
    message.extend([family, 0]);
    message.extend(resource.to_be_bytes());
    message.extend(attributes);
    message
}

fn expression(name: &[u8], data: &[u8]) -> Vec<u8> {
    let (name, data) = (attribute(1, name), attribute(NESTED | 2, data));
    attribute(NESTED | 1, &[name, data].concat())
}

/// A `struct nlattr`, and what fills it up to the next multiple of four.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = 4 + value.len();
    let mut attribute = Vec::with_capacity(length.next_multiple_of(4));
    attribute.extend((length as u16).to_ne_bytes());
    attribute.extend(kind.to_ne_bytes());
    attribute.extend(value);
    attribute.resize(length.next_multiple_of(4), 0);
    attribute
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;
    use crate::network::testing::{namespace, within};
    use std::process::Command;

    #[test]
    fn nft_reads_what_is_written_here() {
        let namespace = namespace();
        within(&namespace, || masquerade("eth0").unwrap());
        let listed = within(&namespace, || Command::new("nft").args(["list", "ruleset"]).output().unwrap());
        let words: Vec<String> =
            String::from_utf8(listed.stdout).unwrap().split_whitespace().map(str::to_owned).collect();
        let wanted = "table ip lernhafen { chain translate { type nat hook postrouting priority srcnat; policy accept; \
                      oifname \"eth0\" masquerade } }";
        assert_eq!(words.join(" "), wanted);
        assert_eq!(within(&namespace, || masquerade("a name of sixteen")).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
