//! Limits as an OCI spec has them.

use super::{DeviceRate, Resources, device};
use crate::{Error, Result};
use oci_spec::OciSpecError;
use oci_spec::runtime::{
    LinuxBlockIo, LinuxBlockIoBuilder, LinuxCpu, LinuxCpuBuilder, LinuxMemory, LinuxMemoryBuilder, LinuxPidsBuilder,
    LinuxResources, LinuxResourcesBuilder, LinuxThrottleDevice, LinuxThrottleDeviceBuilder, PosixRlimit,
    PosixRlimitBuilder, PosixRlimitType,
};

/// Microseconds in which a container's share of the processors is counted; Docker's and the kernel's default.
const CPU_PERIOD: i64 = 100_000;

/// A container's limits. `millicpus` is what the whole virtual host has: version 1 refuses a group more than the one above it.
pub(crate) fn linux_resources(asked: &Resources, millicpus: u64) -> Result<LinuxResources> {
    let block_io = block_io(asked)?;
    let build = || -> Result<LinuxResources, OciSpecError> {
        let mut resources = LinuxResourcesBuilder::default()
            .memory(memory(asked)?)
            .cpu(cpu(asked, i64::try_from(millicpus).unwrap_or(i64::MAX))?)
            .block_io(block_io);
        if let Some(limit) = asked.pids_limit {
            resources = resources.pids(LinuxPidsBuilder::default().limit(if limit > 0 { limit } else { -1 }).build()?);
        }
        resources.build()
    };
    build().map_err(|error| cannot_build(&error))
}

/// The limits of each process.
pub(crate) fn rlimits(asked: &Resources) -> Result<Vec<PosixRlimit>> {
    let rlimit = |ulimit: &super::Ulimit| {
        let limit = PosixRlimitBuilder::default()
            .typ(rlimit_type(&ulimit.name)?)
            .soft(unlimited(ulimit.soft))
            .hard(unlimited(ulimit.hard));
        limit.build().map_err(|error| cannot_build(&error))
    };
    asked.ulimits.iter().map(rlimit).collect()
}

pub(super) fn rlimit_type(name: &str) -> Result<PosixRlimitType> {
    let kind = format!("RLIMIT_{}", name.to_ascii_uppercase());
    // The names that the OCI spec has, and no list of our own.
    serde_json::from_value(kind.into()).map_err(|_| Error::invalid(format!("invalid ulimit type: {name}")))
}

fn unlimited(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

fn memory(asked: &Resources) -> Result<LinuxMemory, OciSpecError> {
    let mut memory = LinuxMemoryBuilder::default().disable_oom_killer(asked.oom_kill_disable == Some(true));
    if asked.memory > 0 {
        memory = memory.limit(asked.memory);
    }
    if asked.memory_swap != 0 {
        memory = memory.swap(asked.memory_swap);
    }
    if asked.memory_reservation > 0 {
        memory = memory.reservation(asked.memory_reservation);
    }
    if let Some(swappiness) = asked.memory_swappiness.and_then(|swappiness| u64::try_from(swappiness).ok()) {
        memory = memory.swappiness(swappiness);
    }
    memory.build()
}

fn cpu(asked: &Resources, millicpus: i64) -> Result<LinuxCpu, OciSpecError> {
    let mut cpu = LinuxCpuBuilder::default();
    let (period, quota) = match asked.nano_cpus {
        0 => (asked.cpu_period, asked.cpu_quota),
        nano_cpus => (CPU_PERIOD, nano_cpus / (1_000_000_000 / CPU_PERIOD)),
    };
    let counted_in = if period > 0 { period } else { CPU_PERIOD };
    if period > 0 {
        cpu = cpu.period(period.unsigned_abs());
    }
    if quota != 0 {
        cpu = cpu.quota(quota.min(millicpus.saturating_mul(counted_in) / 1000));
    }
    if asked.cpu_shares > 0 {
        cpu = cpu.shares(asked.cpu_shares.unsigned_abs());
    }
    if !asked.cpuset_cpus.is_empty() {
        cpu = cpu.cpus(asked.cpuset_cpus.as_str());
    }
    if !asked.cpuset_mems.is_empty() {
        cpu = cpu.mems(asked.cpuset_mems.as_str());
    }
    cpu.build()
}

fn block_io(asked: &Resources) -> Result<LinuxBlockIo> {
    let mut block_io = LinuxBlockIoBuilder::default()
        .throttle_read_bps_device(throttles(&asked.device_read_bps)?)
        .throttle_write_bps_device(throttles(&asked.device_write_bps)?)
        .throttle_read_iops_device(throttles(&asked.device_read_iops)?)
        .throttle_write_iops_device(throttles(&asked.device_write_iops)?);
    if asked.blkio_weight != 0 {
        block_io = block_io.weight(asked.blkio_weight);
    }
    block_io.build().map_err(|error| cannot_build(&error))
}

fn throttles(rates: &[DeviceRate]) -> Result<Vec<LinuxThrottleDevice>> {
    let throttle = |rate: &DeviceRate| {
        let (major, minor) = device::numbers(&rate.path)?;
        let throttle = LinuxThrottleDeviceBuilder::default().major(major).minor(minor).rate(rate.rate);
        throttle.build().map_err(|error| cannot_build(&error))
    };
    rates.iter().map(throttle).collect()
}

fn cannot_build(error: &OciSpecError) -> Error {
    Error::system(format!("cannot write limits into a runtime spec: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn processor_time_is_never_more_than_the_hosts() {
        let quota = |asked: Resources| linux_resources(&asked, 1500).unwrap().cpu().as_ref().unwrap().quota();
        assert_eq!(quota(Resources { nano_cpus: 500_000_000, ..Resources::default() }), Some(50_000));
        assert_eq!(quota(Resources { nano_cpus: 2_000_000_000, ..Resources::default() }), Some(150_000));
        assert_eq!(quota(Resources { cpu_period: 50_000, cpu_quota: 90_000, ..Resources::default() }), Some(75_000));
        assert_eq!(quota(Resources { cpu_quota: -1, ..Resources::default() }), Some(-1));
        assert_eq!(quota(Resources::default()), None);
    }

    #[test]
    fn ulimits_have_dockers_names() {
        for name in ["core", "nofile", "nproc", "rttime", "msgqueue"] {
            assert!(rlimit_type(name).is_ok(), "{name}");
        }
        assert_eq!(rlimit_type("foo").unwrap_err().message, "invalid ulimit type: foo");
    }
}
