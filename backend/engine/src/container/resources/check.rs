//! Docker's rules for limits, in its order and its words; and its warnings where the machine lacks what a limit needs.

use super::Resources;
use super::oci::rlimit_type;
use crate::{Error, Result};
use runtime::cgroup::{Features, parse_set};

/// Docker's smallest, in bytes: below, not even the container's first process can start.
const MIN_MEMORY: i64 = 6 * 1024 * 1024;

/// More processors than Docker reads in a list.
const MAX_CPU: u32 = 8192;

impl Resources {
    /// Docker's own additions to what is asked for at create.
    pub(crate) fn complete(&mut self) -> Result<()> {
        refuse(
            self.memory == 0 && self.memory_swap > 0,
            "You should always set the Memory limit when using Memoryswap limit, see usage",
        )?;
        if self.memory > 0 && self.memory_swap == 0 {
            self.memory_swap = self.memory.saturating_mul(2);
        }
        // Clients' ways to say that nothing is asked for.
        self.memory_swappiness = self.memory_swappiness.filter(|&swappiness| swappiness != -1);
        self.pids_limit = self.pids_limit.filter(|&limit| limit > 0);
        Ok(())
    }

    /// Checks the limits against each other and against a machine with `features`, for a host of `cpus` processors. What the
    /// machine can't do is taken away; the answer tells of it.
    pub(crate) fn check(&mut self, features: &Features, cpus: usize) -> Result<Vec<String>> {
        let mut warnings = Vec::new();
        self.check_memory(features, &mut warnings)?;
        if self.pids_limit.is_some() && !features.pids {
            self.pids_limit = None;
            warnings.push(lacking("PIDs limit capabilities", "PIDs limit discarded."));
        }
        self.check_cpu(features, cpus, &mut warnings)?;
        self.check_cpuset(features, &mut warnings)?;
        self.check_block_io(features, &mut warnings)?;
        let score = self.oom_score_adj;
        refuse(
            !(-1000..=1000).contains(&score),
            format!("Invalid value {score}, range for oom score adj is [-1000, 1000]"),
        )?;
        refuse(
            score < 0,
            format!(
                "--oom-score-adj {score} is refused: below 0, the container would be spared at the expense of the \
                     machine, which this virtual host shares with others"
            ),
        )?;
        for ulimit in &self.ulimits {
            rlimit_type(&ulimit.name)?;
            if ulimit.hard >= 0 && !(0..=ulimit.hard).contains(&ulimit.soft) {
                return Err(Error::invalid(format!(
                    "ulimit soft limit must be less than or equal to hard limit: {} > {}",
                    ulimit.soft, ulimit.hard
                )));
            }
        }
        Ok(warnings)
    }

    fn check_memory(&mut self, features: &Features, warnings: &mut Vec<String>) -> Result<()> {
        if self.cpu_shares < 0 {
            return Err(Error::invalid(format!(
                "invalid CPU shares ({}): value must be a positive integer",
                self.cpu_shares
            )));
        }
        refuse(self.memory != 0 && self.memory < MIN_MEMORY, "Minimum memory limit allowed is 6MB")?;
        if self.memory > 0 && !features.memory {
            (self.memory, self.memory_swap) = (0, -1);
            warnings.push(lacking("memory limit capabilities", "Limitation discarded."));
        }
        if self.memory > 0 && self.memory_swap != -1 && !features.swap {
            self.memory_swap = -1;
            warnings.push(lacking("swap limit capabilities", "Memory limited without swap."));
        }
        refuse(
            self.memory > 0 && self.memory_swap > 0 && self.memory_swap < self.memory,
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        )?;
        if let Some(swappiness) = self.memory_swappiness {
            if !features.swappiness {
                self.memory_swappiness = None;
                warnings.push(lacking("memory swappiness capabilities", "Memory swappiness discarded."));
            }
            refuse(
                !(0..=100).contains(&swappiness),
                format!("Invalid value: {swappiness}, valid memory swappiness range is 0-100"),
            )?;
        }
        if self.memory_reservation > 0 && !features.memory_reservation {
            self.memory_reservation = 0;
            warnings.push(lacking("memory soft limit capabilities", "Limitation discarded."));
        }
        refuse(
            self.memory_reservation > 0 && self.memory_reservation < MIN_MEMORY,
            "Minimum memory reservation allowed is 6MB",
        )?;
        refuse(
            self.memory > 0 && self.memory < self.memory_reservation,
            "Minimum memory limit can not be less than memory reservation limit, see usage",
        )?;
        let keeps = self.oom_kill_disable == Some(true);
        if keeps && !features.oom_kill_disable {
            warnings.push("Your kernel does not support OomKillDisable. OomKillDisable discarded.".to_owned());
        }
        self.oom_kill_disable = features.oom_kill_disable.then_some(keeps);
        if self.oom_kill_disable == Some(true) && self.memory == 0 {
            let risk = "this can result in the system running out of resources.";
            warnings.push(format!("OOM killer is disabled for the container, but no memory limit is set, {risk}"));
        }
        Ok(())
    }

    fn check_cpu(&mut self, features: &Features, cpus: usize, warnings: &mut Vec<String>) -> Result<()> {
        let both = |other| format!("Conflicting options: Nano CPUs and CPU {other} cannot both be set");
        refuse(self.nano_cpus > 0 && self.cpu_period > 0, both("Period"))?;
        refuse(self.nano_cpus > 0 && self.cpu_quota > 0, both("Quota"))?;
        refuse(
            self.nano_cpus > 0 && !features.cpu_quota,
            "NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted",
        )?;
        refuse(
            self.nano_cpus < 0
                || self.nano_cpus > i64::try_from(cpus).unwrap_or(i64::MAX).saturating_mul(1_000_000_000),
            format!("range of CPUs is from 0.01 to {cpus}.00, as there are only {cpus} CPUs available"),
        )?;
        if self.cpu_shares > 0 && !features.cpu_shares {
            self.cpu_shares = 0;
            warnings.push(lacking("CPU shares", "Shares discarded."));
        }
        if (self.cpu_period != 0 || self.cpu_quota != 0) && !features.cpu_quota {
            (self.cpu_period, self.cpu_quota) = (0, 0);
            warnings.push(lacking("CPU CFS scheduler", "Period and quota discarded."));
        }
        refuse(
            self.cpu_period != 0 && !(1000..=1_000_000).contains(&self.cpu_period),
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        )?;
        refuse(self.cpu_quota > 0 && self.cpu_quota < 1000, "CPU cfs quota can not be less than 1ms (i.e. 1000)")?;
        if self.cpu_percent > 0 {
            self.cpu_percent = 0;
            warnings.push("linux does not support CPU percent. Percent discarded.".to_owned());
        }
        Ok(())
    }

    fn check_cpuset(&mut self, features: &Features, warnings: &mut Vec<String>) -> Result<()> {
        if !features.cpuset && [&self.cpuset_cpus, &self.cpuset_mems].iter().any(|list| !list.is_empty()) {
            self.cpuset_cpus.clear();
            self.cpuset_mems.clear();
            warnings.push(lacking("cpuset", "Cpuset discarded."));
        }
        check_list(&self.cpuset_cpus, &features.cpus, "cpus", "CPUs")?;
        check_list(&self.cpuset_mems, &features.mems, "mems", "memory nodes")
    }

    fn check_block_io(&mut self, features: &Features, warnings: &mut Vec<String>) -> Result<()> {
        if self.blkio_weight > 0 && !features.io_weight {
            self.blkio_weight = 0;
            warnings.push(lacking("Block I/O weight", "Weight discarded."));
        }
        refuse(
            self.blkio_weight > 0 && !(10..=1000).contains(&self.blkio_weight),
            "Range of blkio weight is from 10 to 1000",
        )?;
        if self.blkio_weight_device {
            self.blkio_weight_device = false;
            warnings.push(lacking("Block I/O weight_device", "Weight-device discarded."));
        }
        let lists = [
            (&mut self.device_read_bps, "BPS Block I/O read limit", "Block I/O BPS read limit discarded."),
            (&mut self.device_write_bps, "BPS Block I/O write limit", "Block I/O BPS write limit discarded."),
            (&mut self.device_read_iops, "IOPS Block read limit", "Block I/O IOPS read limit discarded."),
            (&mut self.device_write_iops, "IOPS Block write limit", "Block I/O IOPS write limit discarded."),
        ];
        for (rates, what, consequence) in lists {
            if !rates.is_empty() && !features.throttle {
                rates.clear();
                warnings.push(lacking(what, consequence));
            }
        }
        Ok(())
    }
}

fn check_list(asked: &str, available: &str, name: &str, what: &str) -> Result<()> {
    let too_large =
        asked.split([',', '-']).any(|number| number.parse().is_ok_and(|number: u64| number >= MAX_CPU.into()));
    let reason = if too_large {
        format!("value of out range, maximum is {MAX_CPU}")
    } else {
        format!("invalid format: {asked}")
    };
    let invalid = || Error::invalid(format!("Invalid value {asked} for cpuset {name}: {reason}"));
    let members = parse_set(asked).ok_or_else(invalid)?;
    let there = parse_set(available).unwrap_or_default();
    refuse(
        !members.is_subset(&there),
        format!("Requested {what} are not available - requested {asked}, available: {available}"),
    )
}

fn refuse(wrong: bool, message: impl Into<String>) -> Result<()> {
    if wrong { Err(Error::invalid(message)) } else { Ok(()) }
}

fn lacking(what: &str, consequence: &str) -> String {
    format!("Your kernel does not support {what} or the cgroup is not mounted. {consequence}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_the_machine_cannot_do_is_taken_away_and_told() {
        // A machine with version 2, and without a scheduler that weighs.
        let features = Features {
            memory: true,
            swap: true,
            memory_reservation: true,
            pids: true,
            cpu_quota: true,
            ..Features::default()
        };
        let mut asked = Resources {
            memory: 64 << 20,
            memory_swappiness: Some(50),
            oom_kill_disable: Some(true),
            cpu_shares: 512,
            cpuset_cpus: "0".to_owned(),
            blkio_weight: 500,
            ..Resources::default()
        };
        asked.complete().unwrap();
        let warnings = asked.check(&features, 2).unwrap();
        let kept = Resources { memory: 64 << 20, memory_swap: 128 << 20, ..Resources::default() };
        assert_eq!(asked, kept);
        let beginnings: Vec<_> = warnings.iter().filter_map(|warning| warning.split(" or ").next()).collect();
        assert_eq!(
            beginnings,
            [
                "Your kernel does not support memory swappiness capabilities",
                "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
                "Your kernel does not support CPU shares",
                "Your kernel does not support cpuset",
                "Your kernel does not support Block I/O weight",
            ]
        );
    }
}
