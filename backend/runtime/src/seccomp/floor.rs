//! What no filter lets through, whatever was asked for: neither a profile of one's own, nor none at all, nor `--privileged`.
//!
//! These are not the virtual host's to give: sockets that lead out of every namespace or to code that strangers should not
//! reach, and calls that act on the machine alone. The kernel refuses most of the latter anyway.

use super::calls;
use super::rules::{Condition, Operator, Rule};
use std::collections::BTreeMap;

/// Families of sockets that containers may have. `AF_VSOCK` leads to the hypervisor, past all namespaces; `AF_ALG`,
/// `AF_RXRPC` and others are rarely used code with a history.
pub(super) const SOCKET_FAMILIES: [i32; 5] =
    [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK, libc::AF_PACKET];

/// Calls on the machine: its kernel, its log, its clock, its swap, its devices, its file systems past their mounts.
const OF_THE_MACHINE: &str = "
    acct bpf clock_settime delete_module finit_module init_module ioperm iopl kexec_file_load kexec_load lookup_dcookie
    open_by_handle_at perf_event_open settimeofday swapoff swapon syslog";

/// Adds the floor to a profile's rules.
pub(super) fn add(rules: &mut BTreeMap<u32, Vec<Rule>>) {
    let action = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    let unlisted = |&family: &i32| Condition {
        argument: 0,
        operator: Operator::NotEqual,
        value: u64::from(family.unsigned_abs()),
    };
    let mut deny = |name, conditions| {
        if let Some(number) = calls::number(name) {
            rules.entry(number).or_default().push(Rule { conditions, action });
        }
    };
    deny("socket", SOCKET_FAMILIES.iter().map(unlisted).collect());
    for name in OF_THE_MACHINE.split_whitespace() {
        deny(name, Vec::new());
    }
}
