//! What whoever runs the engine lets the owners of its virtual hosts ask for.

use super::Privileges;
use super::capabilities::{is_all, parse};
use crate::{Error, ErrorKind, Result};
use oci_spec::runtime::Capability;
use serde::{Deserialize, Serialize};

/// What may be asked for on a virtual host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Whether containers may be `--privileged`, run without Docker's filter of system calls, or have capabilities that
    /// open much of the kernel. All of that stays within the virtual host; but it makes the kernel's own mistakes reachable,
    /// and the kernel is shared with everybody.
    pub privileged: bool,
}

/// What these open is where most ways out of containers were found.
const DANGEROUS: [Capability; 8] = [
    Capability::Bpf,
    Capability::CheckpointRestore,
    Capability::DacReadSearch,
    Capability::NetAdmin,
    Capability::Perfmon,
    Capability::SysAdmin,
    Capability::SysModule,
    Capability::SysRawio,
];

impl Policy {
    /// Errors: it asks for more than is allowed here.
    pub(crate) fn check(self, asked: &Privileges) -> Result<()> {
        if self.privileged {
            return Ok(());
        }
        if asked.privileged {
            return Err(refused("--privileged"));
        }
        let dangerous =
            |name: &&String| is_all(name) || parse(name).is_some_and(|capability| DANGEROUS.contains(&capability));
        if let Some(name) = asked.cap_add.iter().find(dangerous) {
            return Err(refused(&format!("--cap-add {name}")));
        }
        // Whether a profile of one's own is harmless can't be told from its text.
        if asked.has_own_seccomp()? {
            return Err(refused("--security-opt seccomp=…"));
        }
        if asked.masked_paths.is_some() || asked.readonly_paths.is_some() {
            return Err(refused("--security-opt systempaths=unconfined"));
        }
        Ok(())
    }

    /// Errors: no privileged processes here.
    pub(crate) fn check_exec(self, privileged: bool) -> Result<()> {
        if privileged && !self.privileged { Err(refused("exec --privileged")) } else { Ok(()) }
    }
}

fn refused(option: &str) -> Error {
    Error::new(
        ErrorKind::Forbidden,
        format!(
            "{option} is switched off here: such a container reaches far more of the kernel than others, and everybody here \
             shares that one kernel. On a Docker host of your own it works, and makes root of the container root of that machine"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_widens_is_refused_and_the_rest_is_not() {
        let strict = Policy { privileged: false };
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let none = Privileges::default;
        for bad in [
            Privileges { privileged: true, ..none() },
            Privileges { cap_add: names(&["chown", "sys_admin"]), ..none() },
            Privileges { cap_add: names(&["ALL"]), ..none() },
            Privileges { security_opt: names(&["seccomp=unconfined"]), ..none() },
            Privileges { security_opt: names(&["seccomp={}"]), ..none() },
            Privileges { masked_paths: Some(Vec::new()), ..none() },
        ] {
            assert!(strict.check(&bad).is_err(), "{bad:?}");
            assert!(Policy { privileged: true }.check(&bad).is_ok(), "{bad:?}");
        }
        let harmless = Privileges {
            cap_add: names(&["SYS_NICE"]),
            cap_drop: names(&["ALL"]),
            security_opt: names(&["no-new-privileges", "seccomp=builtin"]),
            ..none()
        };
        assert!(strict.check(&harmless).is_ok());
        assert!(strict.check_exec(true).is_err() && strict.check_exec(false).is_ok());
    }
}
