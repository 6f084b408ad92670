//! `--sysctl`: parameters of the kernel that each namespace has for itself.

use crate::{Error, Result};
use std::collections::{BTreeMap, HashMap};

/// Parameters of an ipc namespace, besides `fs.mqueue.*`; runc's list.
const OF_IPC: [&str; 8] = [
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
];

/// The parameters for a spec. `own_ipc` and `own_network` say whether the container shares those with the virtual host.
/// Errors, in runc's words: one that is not the container's own.
pub(crate) fn allowed(
    asked: &BTreeMap<String, String>,
    own_ipc: bool,
    own_network: bool,
) -> Result<HashMap<String, String>> {
    for name in asked.keys() {
        let complaint = match name.as_str() {
            _ if OF_IPC.contains(&name.as_str()) || name.starts_with("fs.mqueue.") => {
                (!own_ipc).then_some("is not allowed in the hosts ipc namespace")
            }
            _ if name.starts_with("net.") => (!own_network).then_some("not allowed in host network namespace"),
            "kernel.domainname" => None,
            "kernel.hostname" => Some("is not allowed as it conflicts with the OCI \"hostname\" field"),
            _ => Some(NOT_SEPARATE),
        };
        if let Some(complaint) = complaint {
            return Err(refused(name, complaint));
        }
    }
    Ok(asked.clone().into_iter().collect())
}

/// A name of the virtual host's can't be changed by a container that shares it.
pub(crate) fn not_separate(name: &str) -> Error {
    refused(name, NOT_SEPARATE)
}

const NOT_SEPARATE: &str = "is not in a separate kernel namespace";

fn refused(name: &str, complaint: &str) -> Error {
    Error::invalid(format!(
        "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: \
         sysctl {name:?} {complaint}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parameters_of_the_containers_own_namespaces_pass() {
        let ok = |name: &str, own_ipc, own_network| {
            allowed(&[(name.to_owned(), "1".to_owned())].into(), own_ipc, own_network).is_ok()
        };
        assert!(ok("net.ipv4.ip_forward", true, true) && !ok("net.ipv4.ip_forward", true, false));
        assert!(ok("kernel.msgmax", true, true) && !ok("kernel.msgmax", false, true));
        assert!(ok("fs.mqueue.msg_max", true, false));
        for name in ["kernel.panic", "vm.swappiness", "kernel.hostname", "fs.file-max", ""] {
            assert!(!ok(name, true, true), "{name}");
        }
    }
}
