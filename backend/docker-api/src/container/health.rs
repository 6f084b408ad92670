//! Health checks: `State.Health`, and what `docker ps` says of it.

use crate::time::rfc3339;
use engine::container::{Health, HealthStatus, ProbeResult};
use serde::Serialize;

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
