//! Profiles of system calls in Docker's format: that of OCI, and rules that hold only for some machines or capabilities.

use crate::{Error, Result};
use oci_spec::runtime::{Capability, LinuxSeccomp, LinuxSeccompArg, LinuxSyscall};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A profile's text, resolved for this machine and a container's capabilities. `None`: it asks for nothing.
/// Errors: it isn't a profile.
pub(crate) fn resolve(text: &str, capabilities: &[Capability]) -> Result<Option<LinuxSeccomp>> {
    let profile: Profile = serde_json::from_str(text)
        .map_err(|error| Error::invalid(format!("Decoding seccomp profile failed: {error}")))?;
    if profile.default_action.is_empty() && profile.syscalls.is_empty() {
        return Ok(None);
    }
    if !profile.architectures.is_empty() && !profile.arch_map.is_empty() {
        return Err(Error::invalid(
            "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
        ));
    }
    let machine = Machine { kernel: kernel(), arch: go_arch(), capabilities };
    let mut rules = Vec::new();
    for rule in profile.syscalls {
        rules.extend(rule.resolve(&machine)?);
    }
    let mut resolved = LinuxSeccomp::default();
    resolved.set_default_action(word(&profile.default_action, "action")?);
    resolved.set_default_errno_ret(profile.default_errno_ret);
    resolved.set_flags(Some(words(&profile.flags, "flag")?));
    resolved.set_listener_path(profile.listener_path);
    resolved.set_syscalls(Some(rules));
    Ok(Some(resolved))
}

/// Architectures are read and not used: programs of another one than the machine's are never let in.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Profile {
    default_action: String,
    default_errno_ret: Option<u32>,
    architectures: Vec<String>,
    arch_map: Vec<serde::de::IgnoredAny>,
    flags: Vec<String>,
    listener_path: Option<std::path::PathBuf>,
    syscalls: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rule {
    name: String,
    names: Vec<String>,
    action: String,
    errno_ret: Option<u32>,
    args: Option<Vec<LinuxSeccompArg>>,
    includes: Filter,
    excludes: Filter,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Filter {
    caps: Vec<String>,
    arches: Vec<String>,
    min_kernel: Option<String>,
}

struct Machine<'a> {
    kernel: (u32, u32),
    /// As Go calls it.
    arch: &'a str,
    capabilities: &'a [Capability],
}

impl Rule {
    fn resolve(self, machine: &Machine) -> Result<Option<LinuxSyscall>> {
        if !self.name.is_empty() && !self.names.is_empty() {
            return Err(Error::invalid(
                "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'",
            ));
        }
        let names = if self.name.is_empty() { self.names } else { vec![self.name] };
        if !self.includes.all_hold(machine)? || self.excludes.any_holds(machine)? || names.is_empty() {
            return Ok(None);
        }
        let mut rule = LinuxSyscall::default();
        rule.set_names(names);
        rule.set_action(word(&self.action, "action")?);
        rule.set_errno_ret(self.errno_ret);
        rule.set_args(self.args);
        Ok(Some(rule))
    }
}

impl Filter {
    fn all_hold(&self, machine: &Machine) -> Result<bool> {
        let arch = self.arches.is_empty() || self.arches.iter().any(|arch| arch == machine.arch);
        Ok(arch
            && self.caps.iter().all(|name| machine.has(name))
            && self.kernel()?.is_none_or(|min| machine.kernel >= min))
    }

    fn any_holds(&self, machine: &Machine) -> Result<bool> {
        let arch = self.arches.iter().any(|arch| arch == machine.arch);
        Ok(arch
            || self.caps.iter().any(|name| machine.has(name))
            || self.kernel()?.is_some_and(|min| machine.kernel >= min))
    }

    fn kernel(&self) -> Result<Option<(u32, u32)>> {
        let Some(text) = &self.min_kernel else { return Ok(None) };
        let parsed = version(text);
        parsed
            .map(Some)
            .ok_or_else(|| Error::invalid(format!("Decoding seccomp profile failed: invalid kernel version: {text:?}")))
    }
}

impl Machine<'_> {
    fn has(&self, name: &str) -> bool {
        super::capabilities::parse(name).is_some_and(|one| self.capabilities.contains(&one))
    }
}

fn word<T: DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_value(text.into())
        .map_err(|_| Error::invalid(format!("string {text} is not a valid {what} for seccomp")))
}

fn words<T: DeserializeOwned>(texts: &[String], what: &str) -> Result<Vec<T>> {
    texts.iter().map(|text| word(text, what)).collect()
}

/// Major and minor number.
fn version(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('.')?;
    let minor = rest.split(|byte: char| !byte.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn kernel() -> (u32, u32) {
    // Missing only where /proc is, and then nothing runs at all.
    version(&std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default()).unwrap_or_default()
}

fn go_arch() -> &'static str {
    if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PROFILE: &str = r#"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
        "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
        "syscalls": [
            {"names": ["read"], "action": "SCMP_ACT_ALLOW", "comment": "", "args": [], "includes": {}, "excludes": {}},
            {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
            {"names": ["later"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "99.0"}},
            {"names": ["s390"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["s390", "s390x"]}},
            {"name": "old", "action": "SCMP_ACT_ALLOW"}]}"#;

    #[test]
    fn rules_hold_where_their_conditions_do() {
        let names = |capabilities: &[Capability]| {
            let profile = resolve(PROFILE, capabilities).unwrap().unwrap();
            let rules = profile.syscalls().clone().unwrap();
            rules.iter().flat_map(|rule| rule.names().clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), ["read", "unshare", "ptrace", "old"]);
        assert_eq!(names(&[Capability::SysAdmin]), ["read", "mount", "ptrace", "old"]);
    }

    #[test]
    fn what_is_no_profile_is_refused() {
        let error = |text: &str| resolve(text, &[]).unwrap_err().message;
        assert!(error("[").starts_with("Decoding seccomp profile failed: "));
        assert_eq!(error(r#"{"defaultAction": "X"}"#), "string X is not a valid action for seccomp");
        let both = r#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "names": ["b"]}]}"#;
        assert!(error(both).starts_with("both 'name' and 'names' are specified"));
        assert!(resolve("{}", &[]).unwrap().is_none(), "as in Docker: nothing is asked for");
    }
}
