//! Resource limits (`setrlimit`) of a process.

use crate::failure::{Doing, Failure, Result, invalid};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use oci_spec::runtime::{PosixRlimitType, Process};

/// Raises hard limits as far as the process's own need it: only the machine's root may, so it is done early.
///
/// # Errors
/// If the machine's root may not either. What was asked for can't be had then, and that must not go unnoticed.
pub(crate) fn make_room(process: &Process) -> Result<()> {
    for limit in process.rlimits().iter().flatten() {
        let resource = resource(limit.typ());
        let step = || format!("raising the hard limit {} to {}", limit.typ(), limit.hard());
        let (soft, hard) = getrlimit(resource).doing(step)?;
        if limit.hard() > hard {
            setrlimit(resource, soft, limit.hard()).map_err(|_| too_high(limit.typ(), limit.hard(), hard))?;
        }
    }
    Ok(())
}

fn too_high(kind: PosixRlimitType, asked: u64, hard: u64) -> Failure {
    let name = kind.to_string().trim_start_matches("RLIMIT_").to_lowercase();
    let asked = if asked == u64::MAX { "unlimited".to_owned() } else { asked.to_string() };
    invalid(format!(
        "the ulimit {name} can't be {asked}: {hard} is the most that this virtual host's keeper has, and only a system \
         administrator of the machine can raise it; ask for {hard} or less"
    ))
}

/// Sets the limits.
pub(crate) fn apply(process: &Process) -> Result<()> {
    for limit in process.rlimits().iter().flatten() {
        setrlimit(resource(limit.typ()), limit.soft(), limit.hard())
            .doing(|| format!("setting the limit {} to {}:{}", limit.typ(), limit.soft(), limit.hard()))?;
    }
    Ok(())
}

fn resource(kind: PosixRlimitType) -> Resource {
    match kind {
        PosixRlimitType::RlimitCpu => Resource::RLIMIT_CPU,
        PosixRlimitType::RlimitFsize => Resource::RLIMIT_FSIZE,
        PosixRlimitType::RlimitData => Resource::RLIMIT_DATA,
        PosixRlimitType::RlimitStack => Resource::RLIMIT_STACK,
        PosixRlimitType::RlimitCore => Resource::RLIMIT_CORE,
        PosixRlimitType::RlimitRss => Resource::RLIMIT_RSS,
        PosixRlimitType::RlimitNproc => Resource::RLIMIT_NPROC,
        PosixRlimitType::RlimitNofile => Resource::RLIMIT_NOFILE,
        PosixRlimitType::RlimitMemlock => Resource::RLIMIT_MEMLOCK,
        PosixRlimitType::RlimitAs => Resource::RLIMIT_AS,
        PosixRlimitType::RlimitLocks => Resource::RLIMIT_LOCKS,
        PosixRlimitType::RlimitSigpending => Resource::RLIMIT_SIGPENDING,
        PosixRlimitType::RlimitMsgqueue => Resource::RLIMIT_MSGQUEUE,
        PosixRlimitType::RlimitNice => Resource::RLIMIT_NICE,
        PosixRlimitType::RlimitRtprio => Resource::RLIMIT_RTPRIO,
        PosixRlimitType::RlimitRttime => Resource::RLIMIT_RTTIME,
    }
}
