//! Filters of system calls: from a spec's `linux.seccomp` to what the kernel runs.

mod calls;
mod default;
mod floor;
mod program;
mod rules;

pub use default::default_profile;

use crate::failure::{Doing, Result, invalid};
use crate::sys;
use oci_spec::runtime::{LinuxSeccomp, LinuxSeccompAction, LinuxSeccompFilterFlag, Spec};

/// The longest program that the kernel takes (`BPF_MAXINSNS`).
const MAX_STEPS: usize = 4096;

/// A compiled filter.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    program: Vec<libc::sock_filter>,
    flags: libc::c_ulong,
}

impl Filter {
    /// Compiles a spec's filter; without one, all calls are let through but those that never are ([`floor`]).
    ///
    /// # Errors
    /// If it asks for what isn't supported.
    pub(crate) fn of(spec: &Spec) -> Result<Self> {
        match spec.linux().as_ref().and_then(|linux| linux.seccomp().as_ref()) {
            Some(profile) => Self::compile(profile),
            None => Self::compile(LinuxSeccomp::default().set_default_action(LinuxSeccompAction::ScmpActAllow)),
        }
    }

    /// Holds for the calling process from now on.
    pub(crate) fn install(&self) -> Result<()> {
        sys::install_seccomp(&self.program, self.flags).doing(|| "installing the filter of system calls".into())
    }

    /// # Errors
    /// If it asks for what isn't supported.
    pub(crate) fn compile(profile: &LinuxSeccomp) -> Result<Self> {
        let program = program::assemble(&rules::of(profile)?, rules::default_action(profile)?);
        if program.len() > MAX_STEPS {
            return Err(invalid(format!("linux.seccomp is too long: {} steps, at most {MAX_STEPS}", program.len())));
        }
        Ok(Self { program, flags: flags(profile)? })
    }
}

fn flags(profile: &LinuxSeccomp) -> Result<libc::c_ulong> {
    if profile.listener_path().is_some() {
        return Err(invalid("linux.seccomp.listenerPath is not supported"));
    }
    profile.flags().iter().flatten().try_fold(0, |flags, flag| {
        Ok(flags
            | match flag {
                LinuxSeccompFilterFlag::SeccompFilterFlagLog => libc::SECCOMP_FILTER_FLAG_LOG,
                LinuxSeccompFilterFlag::SeccompFilterFlagSpecAllow => libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                // There is one thread only.
                LinuxSeccompFilterFlag::SeccompFilterFlagTsync => 0,
                LinuxSeccompFilterFlag::SeccompFilterFlagWaitKillableRecv => {
                    return Err(invalid("linux.seccomp: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is not supported"));
                }
            })
    })
}

#[cfg(test)]
mod tests;
