//! How a container is, as its probes say.

use crate::store::Healthcheck;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many results are kept.
const KEPT: usize = 5;

/// A container's health.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub status: HealthStatus,
    /// Failures in a row.
    pub failing_streak: u32,
    /// The last five results, oldest first.
    pub log: Vec<ProbeResult>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    #[default]
    Starting,
    Healthy,
    Unhealthy,
}

/// What one probe has brought. Times are nanoseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeResult {
    pub start: i64,
    pub end: i64,
    /// -1 if it didn't run to its end.
    pub exit_code: i32,
    pub output: String,
}

impl HealthStatus {
    /// Docker's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

impl Health {
    /// Takes a result into account; `age` is how long the container had run when the probe began.
    pub(super) fn take(&mut self, result: ProbeResult, check: &Healthcheck, age: Duration) {
        if result.exit_code == 0 {
            self.failing_streak = 0;
            self.status = HealthStatus::Healthy;
        } else if self.status != HealthStatus::Starting || age >= check.start_period() {
            self.failing_streak = self.failing_streak.saturating_add(1);
            if self.failing_streak >= check.retries() {
                self.status = HealthStatus::Unhealthy;
            }
        }
        self.log.push(result);
        let surplus = self.log.len().saturating_sub(KEPT);
        self.log.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_count_in_a_row_and_after_the_start_period() {
        let check = Healthcheck { start_period: 5_000_000_000, retries: 2, ..Healthcheck::default() };
        let mut health = Health::default();
        let mut take = |exit_code, age| {
            let result = ProbeResult { start: 0, end: 0, exit_code, output: String::new() };
            health.take(result, &check, Duration::from_secs(age));
            (health.status, health.failing_streak, health.log.len())
        };
        assert_eq!(take(1, 1), (HealthStatus::Starting, 0, 1));
        assert_eq!(take(1, 6), (HealthStatus::Starting, 1, 2));
        assert_eq!(take(1, 7), (HealthStatus::Unhealthy, 2, 3));
        assert_eq!(take(0, 8), (HealthStatus::Healthy, 0, 4));
        assert_eq!(take(-1, 1), (HealthStatus::Healthy, 1, 5));
        assert_eq!(take(0, 9), (HealthStatus::Healthy, 0, 5));
    }
}
