//! `docker update`: other limits for a container, running or not.

use super::entry::Entry;
use super::resources::{Resources, linux_resources};
use super::{Container, RestartName, RestartPolicy};
use crate::host::VirtualHost;
use crate::{Error, Result};
use runtime::cgroup::{self, Limits};

/// What is to be changed; a limit of 0 or nothing stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub resources: Resources,
    pub restart_policy: Option<RestartPolicy>,
}

impl VirtualHost {
    /// Changes limits; those of a running container hold at once. The answer is warnings for the user.
    /// Errors: not found, limits that contradict each other or what is there, a kernel that refuses: then all is as before.
    pub async fn update_container(&self, name: &str, mut update: Update) -> Result<Vec<String>> {
        let warnings = self.check_resources(&mut update.resources)?;
        let entry = self.entry(name)?;
        let _turn = entry.turn.lock().await;
        let before = entry.record();
        let cannot = |error: Error| Error {
            message: format!("Cannot update container {}: {}", entry.id, error.message),
            ..error
        };
        let mut after = Container::clone(&before);
        merge(&mut after.spec.resources, update.resources).map_err(cannot)?;
        if let Some(policy) = update.restart_policy {
            if after.spec.auto_remove && policy.name != RestartName::No {
                let why = "Restart policy cannot be updated because AutoRemove is enabled for the container";
                return Err(cannot(Error::conflict(why)));
            }
            after.spec.restart_policy = policy;
        }
        if entry.is_running() {
            self.apply(&entry, &before, &after).await.map_err(cannot)?;
        }
        let written = entry.update(|container| {
            container.spec.resources.clone_from(&after.spec.resources);
            container.spec.restart_policy = after.spec.restart_policy;
            Ok(())
        });
        if let Err(error) = written {
            if entry.is_running() {
                self.apply(&entry, &after, &before).await.map_err(cannot)?;
            }
            return Err(error);
        }
        self.container_event(&entry.id, "update");
        Ok(warnings)
    }

    /// Gives the kernel the new limits; if it refuses, the old ones again.
    async fn apply(&self, entry: &Entry, before: &Container, after: &Container) -> Result<()> {
        let limits = |container: &Container| -> Result<Limits> {
            let resources = linux_resources(&container.spec.resources, self.limits().millicpus)?;
            Ok(Limits::from_resources(&resources)?)
        };
        let (old, new) = (limits(before)?, limits(after)?);
        let group = self.cgroup_of(&entry.id);
        // Taking memory back may take its time.
        let applied = tokio::task::spawn_blocking(move || {
            cgroup::limit(&group, &new).inspect_err(|_| {
                if let Err(failure) = cgroup::limit(&group, &old) {
                    tracing::warn!(group, error = failure.message, "a container keeps limits of a failed update");
                }
            })
        });
        applied
            .await
            .map_err(|error| Error::system(error.to_string()))?
            .map_err(|failure| Error::system(failure.message))
    }
}

/// Docker's rules of what can be changed after what.
fn merge(kept: &mut Resources, asked: Resources) -> Result<()> {
    let conflict = |what: &str| Err(Error::conflict(format!("Conflicting options: {what} has already been set")));
    if asked.nano_cpus > 0 && kept.cpu_period > 0 {
        return conflict("Nano CPUs cannot be updated as CPU Period");
    }
    if asked.nano_cpus > 0 && kept.cpu_quota > 0 {
        return conflict("Nano CPUs cannot be updated as CPU Quota");
    }
    if asked.cpu_period > 0 && kept.nano_cpus > 0 {
        return conflict("CPU Period cannot be updated as NanoCPUs");
    }
    if asked.cpu_quota > 0 && kept.nano_cpus > 0 {
        return conflict("CPU Quota cannot be updated as NanoCPUs");
    }
    if asked.memory != 0 && asked.memory > kept.memory_swap && asked.memory_swap == 0 {
        return Err(Error::conflict(
            "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
        ));
    }
    let number = |kept: &mut i64, asked: i64| *kept = if asked == 0 { *kept } else { asked };
    number(&mut kept.memory, asked.memory);
    number(&mut kept.memory_swap, asked.memory_swap);
    number(&mut kept.memory_reservation, asked.memory_reservation);
    number(&mut kept.nano_cpus, asked.nano_cpus);
    number(&mut kept.cpu_period, asked.cpu_period);
    number(&mut kept.cpu_quota, asked.cpu_quota);
    number(&mut kept.cpu_shares, asked.cpu_shares);
    if asked.blkio_weight != 0 {
        kept.blkio_weight = asked.blkio_weight;
    }
    if !asked.cpuset_cpus.is_empty() {
        kept.cpuset_cpus = asked.cpuset_cpus;
    }
    if !asked.cpuset_mems.is_empty() {
        kept.cpuset_mems = asked.cpuset_mems;
    }
    if let Some(limit) = asked.pids_limit {
        kept.pids_limit = Some(limit.max(0));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_not_asked_for_stays() {
        let mut kept = Resources { memory: 64 << 20, memory_swap: 128 << 20, cpu_shares: 512, ..Resources::default() };
        merge(&mut kept, Resources { memory: 96 << 20, pids_limit: Some(-1), ..Resources::default() }).unwrap();
        assert_eq!((kept.memory, kept.memory_swap, kept.cpu_shares), (96 << 20, 128 << 20, 512));
        assert_eq!(kept.pids_limit, Some(0));
    }
}
