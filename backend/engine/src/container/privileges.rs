//! What a container's processes may do, as asked for.

use super::capabilities;
use super::security_opt::SecurityOptions;
use crate::Result;
use oci_spec::runtime::{Capability, LinuxSeccomp};
use runtime::{defaults, seccomp};
use serde::{Deserialize, Serialize};

/// Options that give a container's processes more or less than the default; stored as they came, so that `inspect` can
/// show them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Privileges {
    /// Everything that the virtual host itself may do.
    pub privileged: bool,
    /// Names with or without `CAP_`, in any case, or `ALL`.
    pub cap_add: Vec<String>,
    pub cap_drop: Vec<String>,
    /// As `--security-opt` has them; a profile of system calls with its whole text.
    pub security_opt: Vec<String>,
    /// Further groups of the user: names of the container's `/etc/group`, or ids.
    pub group_add: Vec<String>,
    /// Paths that are covered; `None`: Docker's.
    pub masked_paths: Option<Vec<String>>,
    /// Paths that can't be written to; `None`: Docker's.
    pub readonly_paths: Option<Vec<String>>,
}

impl Privileges {
    /// Errors: an unknown capability or option.
    pub(crate) fn check(&self) -> Result<()> {
        capabilities::check(&self.cap_add, "CapAdd")?;
        capabilities::check(&self.cap_drop, "CapDrop")?;
        SecurityOptions::parse(&self.security_opt).map(drop)
    }

    /// Notes, as Docker does, that the container has no label of SELinux if it is not set apart enough for one.
    pub(crate) fn note_labels(&mut self, shares_with_host: bool) {
        let labelled = self.security_opt.iter().any(|option| option.starts_with("label"));
        if (self.privileged || shares_with_host) && !labelled {
            self.security_opt.push("label=disable".to_owned());
        }
    }

    pub(crate) fn capabilities(&self) -> Result<Vec<Capability>> {
        if self.privileged {
            return Ok(defaults::ALL_CAPABILITIES.to_vec());
        }
        capabilities::adjusted(&self.cap_add, &self.cap_drop)
    }

    pub(crate) fn no_new_privileges(&self) -> Result<bool> {
        Ok(SecurityOptions::parse(&self.security_opt)?.no_new_privileges)
    }

    /// The filter of system calls; `None` if all are let through that the runtime ever lets through.
    pub(crate) fn seccomp(&self) -> Result<Option<LinuxSeccomp>> {
        let capabilities = self.capabilities()?;
        match SecurityOptions::parse(&self.security_opt)?.seccomp {
            _ if self.privileged => Ok(None),
            Some("unconfined") => Ok(None),
            None | Some("" | "builtin") => Ok(Some(seccomp::default_profile(&capabilities))),
            Some(profile) => super::seccomp_profile::resolve(profile, &capabilities),
        }
    }

    /// Whether the filter of system calls is another one than the default.
    pub(crate) fn has_own_seccomp(&self) -> Result<bool> {
        Ok(!matches!(SecurityOptions::parse(&self.security_opt)?.seccomp, None | Some("" | "builtin")))
    }

    /// What is covered: Docker's list, unless another was asked for.
    pub fn masked_paths(&self) -> Option<Vec<String>> {
        self.paths(self.masked_paths.as_ref(), &defaults::MASKED_PATHS)
    }

    /// What can't be written to: Docker's list, unless another was asked for.
    pub fn readonly_paths(&self) -> Option<Vec<String>> {
        self.paths(self.readonly_paths.as_ref(), &defaults::READONLY_PATHS)
    }

    /// As `inspect` shows it.
    pub fn apparmor_profile(&self) -> &str {
        SecurityOptions::parse(&self.security_opt).ok().and_then(|options| options.apparmor).unwrap_or_default()
    }

    fn paths(&self, asked: Option<&Vec<String>>, default: &[&str]) -> Option<Vec<String>> {
        let default = || default.iter().map(|&path| path.to_owned()).collect();
        asked.cloned().or_else(|| (!self.privileged).then(default))
    }
}
