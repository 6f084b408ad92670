//! What an OCI spec asks for, as limits of a group.

use super::limits::{Cpu, Limits, PERIOD, Throttle, ThrottleKind, UNLIMITED};
use super::set;
use crate::failure::{Result, invalid};
use oci_spec::runtime::{LinuxBlockIo, LinuxCpu, LinuxMemory, LinuxResources, LinuxThrottleDevice};

impl Limits {
    /// The limits that a container's spec asks for.
    ///
    /// # Errors
    /// If it asks for one that isn't supported: it would be a limit that doesn't hold.
    pub fn from_resources(resources: &LinuxResources) -> Result<Self> {
        refuse_unsupported(resources)?;
        let mut limits = Self::default();
        if let Some(memory) = resources.memory() {
            limits.add_memory(memory)?;
        }
        if let Some(cpu) = resources.cpu() {
            limits.add_cpu(cpu)?;
        }
        if let Some(block_io) = resources.block_io() {
            limits.add_block_io(block_io);
        }
        limits.pids = resources.pids().and_then(|pids| limit(Some(pids.limit())));
        Ok(limits)
    }

    fn add_memory(&mut self, memory: &LinuxMemory) -> Result<()> {
        self.memory = limit(memory.limit());
        self.memory_and_swap = limit(memory.swap());
        self.memory_reservation = limit(memory.reservation());
        self.swappiness = memory.swappiness();
        self.oom_kill_disabled = memory.disable_oom_killer().filter(|&disabled| disabled);
        match (self.memory, self.memory_and_swap) {
            (None, Some(both)) if both != UNLIMITED => {
                Err(invalid("linux.resources.memory has a swap limit without a limit"))
            }
            (Some(memory), Some(both)) if both < memory => {
                Err(invalid("linux.resources.memory.swap, which counts both, is smaller than the limit"))
            }
            _ => Ok(()),
        }
    }

    fn add_cpu(&mut self, cpu: &LinuxCpu) -> Result<()> {
        let (quota, period) = (limit(cpu.quota()), cpu.period().filter(|&period| period != 0));
        if quota.is_some() || period.is_some() {
            self.cpu = Some(Cpu { quota: quota.unwrap_or(UNLIMITED), period: period.unwrap_or(PERIOD) });
        }
        self.cpu_shares = match cpu.shares() {
            // As the kernel would make of it, without a word.
            Some(1) => return Err(invalid("the minimum allowed cpu-shares is 2")),
            Some(262_145..) => return Err(invalid("the maximum allowed cpu-shares is 262144")),
            shares => shares.filter(|&shares| shares != 0),
        };
        self.cpus = set::normalized(cpu.cpus())?;
        self.mems = set::normalized(cpu.mems())?;
        Ok(())
    }

    fn add_block_io(&mut self, block_io: &LinuxBlockIo) {
        self.io_weight = block_io.weight().filter(|&weight| weight != 0);
        self.throttles = throttles(ThrottleKind::ReadBytes, block_io.throttle_read_bps_device())
            .chain(throttles(ThrottleKind::WriteBytes, block_io.throttle_write_bps_device()))
            .chain(throttles(ThrottleKind::ReadOperations, block_io.throttle_read_iops_device()))
            .chain(throttles(ThrottleKind::WriteOperations, block_io.throttle_write_iops_device()))
            .collect();
    }
}

/// Zero means that nothing is asked for, less that there is no limit.
fn limit(value: Option<i64>) -> Option<u64> {
    value.filter(|&value| value != 0).map(|value| u64::try_from(value).unwrap_or(UNLIMITED))
}

/// A rate of zero is none.
fn throttles(kind: ThrottleKind, devices: &Option<Vec<LinuxThrottleDevice>>) -> impl Iterator<Item = Throttle> {
    let limiting = devices.iter().flatten().filter(|device| device.rate() != 0);
    limiting.map(move |device| Throttle { kind, major: device.major(), minor: device.minor(), rate: device.rate() })
}

fn refuse_unsupported(resources: &LinuxResources) -> Result<()> {
    let memory = resources.memory().as_ref();
    let cpu = resources.cpu().as_ref();
    let block_io = resources.block_io().as_ref();
    let refused = [
        ("devices", resources.devices().as_ref().is_some_and(|devices| !devices.is_empty())),
        ("blockIO.leafWeight", block_io.is_some_and(|block_io| block_io.leaf_weight().is_some())),
        ("blockIO.weightDevice", block_io.is_some_and(|block_io| block_io.weight_device().is_some())),
        ("hugepageLimits", resources.hugepage_limits().as_ref().is_some_and(|limits| !limits.is_empty())),
        ("network", resources.network().is_some()),
        ("rdma", resources.rdma().is_some()),
        ("unified", resources.unified().is_some()),
        ("memory.kernel", memory.is_some_and(|memory| memory.kernel().is_some())),
        ("memory.kernelTCP", memory.is_some_and(|memory| memory.kernel_tcp().is_some())),
        ("cpu.idle", cpu.is_some_and(|cpu| cpu.idle().is_some())),
        ("cpu.burst", cpu.is_some_and(|cpu| cpu.burst().is_some())),
        ("cpu.realtimeRuntime", cpu.is_some_and(|cpu| cpu.realtime_runtime().is_some())),
        ("cpu.realtimePeriod", cpu.is_some_and(|cpu| cpu.realtime_period().is_some())),
    ];
    match refused.iter().find(|(_, asked)| *asked) {
        Some((name, _)) => Err(invalid(format!("linux.resources.{name} is not supported: leave it out"))),
        None => Ok(()),
    }
}
