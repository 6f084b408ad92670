//! What the machine's controllers can do.

use super::layout::Layout;

/// Which limits a group can have here, and which processors and memory nodes it is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    pub memory: bool,
    pub swap: bool,
    pub memory_reservation: bool,
    pub swappiness: bool,
    pub oom_kill_disable: bool,
    pub pids: bool,
    pub cpu_quota: bool,
    pub cpu_shares: bool,
    pub cpuset: bool,
    pub io_weight: bool,
    pub throttle: bool,
    /// As the kernel writes them: `0-3,7`. Empty without `cpuset`.
    pub cpus: String,
    pub mems: String,
}

impl Features {
    /// What the group's own files show; what a kernel can't do it has no file for.
    pub(super) fn of(layout: &Layout, path: &str) -> Self {
        let v1 = |controller: &str, name: &str| layout.v1_of(controller).map(|it| it.path.join(path).join(name));
        let v2 = |name: &str| Some(layout.main().join(path).join(name)).filter(|_| layout.v1.is_empty());
        let either = |controller: &str, old: &str, new: &str| {
            [v1(controller, old), v2(new)].into_iter().flatten().any(|file| file.exists())
        };
        let only_v1 = |controller: &str, name: &str| v1(controller, name).is_some_and(|file| file.exists());
        let read = |old: &str, new: &str| {
            let files = [v1("cpuset", old), v2(new)];
            let text = files.into_iter().flatten().find_map(|file| std::fs::read_to_string(file).ok());
            text.unwrap_or_default().trim().to_owned()
        };
        Self {
            memory: either("memory", "memory.limit_in_bytes", "memory.max"),
            swap: either("memory", "memory.memsw.limit_in_bytes", "memory.swap.max"),
            memory_reservation: either("memory", "memory.soft_limit_in_bytes", "memory.low"),
            swappiness: only_v1("memory", "memory.swappiness"),
            oom_kill_disable: only_v1("memory", "memory.oom_control"),
            pids: either("pids", "pids.max", "pids.max"),
            cpu_quota: either("cpu", "cpu.cfs_quota_us", "cpu.max"),
            cpu_shares: either("cpu", "cpu.shares", "cpu.weight"),
            cpuset: either("cpuset", "cpuset.cpus", "cpuset.cpus"),
            io_weight: v2("io.weight").is_some_and(|file| file.exists()),
            throttle: either("blkio", "blkio.throttle.read_bps_device", "io.max"),
            cpus: read("cpuset.effective_cpus", "cpuset.cpus.effective"),
            mems: read("cpuset.effective_mems", "cpuset.mems.effective"),
        }
    }
}
