//! Health checks: `Healthcheck` of a create request and of `inspect`, and `State.Health`.

use crate::time::rfc3339;
use engine::container::{Health, HealthStatus, Healthcheck, ProbeResult};
use serde::{Deserialize, Serialize};

/// As asked for, and as `inspect` shows it. Times are nanoseconds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct HealthConfig {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    test: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    interval: i64,
    #[serde(skip_serializing_if = "is_zero")]
    timeout: i64,
    #[serde(skip_serializing_if = "is_zero")]
    start_period: i64,
    #[serde(skip_serializing_if = "is_zero")]
    start_interval: i64,
    #[serde(skip_serializing_if = "is_zero")]
    retries: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl HealthConfig {
    /// Nothing for a container without a health check of its own.
    pub(super) fn shown(check: &Healthcheck) -> Option<Self> {
        let Healthcheck { test, interval, timeout, start_period, start_interval, retries } = check.clone();
        let config = Self { test, interval, timeout, start_period, start_interval, retries };
        (*check != Healthcheck::default()).then_some(config)
    }
}

impl From<HealthConfig> for Healthcheck {
    fn from(config: HealthConfig) -> Self {
        let HealthConfig { test, interval, timeout, start_period, start_interval, retries } = config;
        Self { test, interval, timeout, start_period, start_interval, retries }
    }
}

/// `State.Health`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HealthResponse {
    status: &'static str,
    failing_streak: u32,
    log: Vec<ResultResponse>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResultResponse {
    start: String,
    end: String,
    exit_code: i32,
    output: String,
}

impl From<&Health> for HealthResponse {
    fn from(health: &Health) -> Self {
        let result = |result: &ProbeResult| ResultResponse {
            start: rfc3339(result.start),
            end: rfc3339(result.end),
            exit_code: result.exit_code,
            output: result.output.clone(),
        };
        Self {
            status: health.status.as_str(),
            failing_streak: health.failing_streak,
            log: health.log.iter().map(result).collect(),
        }
    }
}

/// What `docker ps` says of one that runs, after how long it does.
pub(super) fn suffix(health: Option<&Health>) -> String {
    match health.map(|health| health.status) {
        None => String::new(),
        Some(HealthStatus::Starting) => " (health: starting)".to_owned(),
        Some(status) => format!(" ({})", status.as_str()),
    }
}
