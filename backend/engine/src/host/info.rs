//! What `docker info` shows of the host itself.

use super::VirtualHost;
use crate::Result;
use crate::container::{ContainerState, Status};
pub use runtime::cgroup::Features;

#[derive(Debug, Clone, Default)]
pub struct HostInfo {
    /// Stable for this host.
    pub id: String,
    /// Host name.
    pub name: String,
    pub containers: usize,
    pub running: usize,
    pub paused: usize,
    pub stopped: usize,
    pub images: usize,
    /// Processors that it may use, at least 1.
    pub cpus: usize,
    /// Bytes.
    pub memory: u64,
    pub kernel: String,
    /// `PRETTY_NAME` of the workstation's os-release.
    pub operating_system: String,
    pub architecture: &'static str,
    /// What containers can be limited in.
    pub features: Features,
    /// `1` or `2`
    pub cgroup_version: &'static str,
}

impl VirtualHost {
    pub fn info(&self) -> Result<HostInfo> {
        let containers = self.read_containers();
        let count = |counted: fn(&ContainerState) -> bool| {
            containers.values().filter(|entry| counted(&entry.record().state)).count()
        };
        let running = count(|state| state.status == Status::Running && !state.paused);
        let paused = count(|state| state.paused);
        let limits = self.limits();
        Ok(HostInfo {
            id: self.id().to_string(),
            name: self.hostname(),
            containers: containers.len(),
            running,
            paused,
            stopped: containers.len() - running - paused,
            images: self.parts.store.images(&self.owner())?.len(),
            cpus: self.cpus(),
            memory: limits.memory,
            // Missing only where /proc is, and then nothing runs at all.
            kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
            operating_system: self.operating_system()?,
            architecture: std::env::consts::ARCH,
            features: self.features()?,
            cgroup_version: match runtime::cgroup::version()? {
                runtime::cgroup::Version::V2 => "2",
                // Hybrid: what limits is version 1.
                _ => "1",
            },
        })
    }

    /// Processors that it may use, at least 1.
    pub(crate) fn cpus(&self) -> usize {
        usize::try_from(self.limits().millicpus.div_ceil(1000)).unwrap_or(1).max(1)
    }

    /// What this host's containers can be limited in.
    pub(crate) fn features(&self) -> Result<Features> {
        Ok(runtime::cgroup::features(&runtime::keeper::cgroup_of(self.id()))?)
    }

    fn operating_system(&self) -> Result<String> {
        let Some(files) = self.workstation_files() else { return Ok("Lernhafen".to_owned()) };
        let release = files.read("usr/lib/os-release")?;
        let pretty = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
        Ok(pretty.unwrap_or("Linux").trim_matches('"').to_owned())
    }
}
