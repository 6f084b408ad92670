//! `--restart`: whether a container that has ended is started again, and when.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long is waited before the first start; doubled with each that follows, up to the longest. Docker's.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(60);
/// A run that lasts so long was a good one: the next wait is the shortest again.
const GOOD_RUN: Duration = Duration::from_secs(10);

/// A container's restart policy, as asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartPolicy {
    pub name: RestartName,
    /// For `on-failure`: so many times at most; 0: no limit.
    pub maximum_retry_count: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartName {
    #[default]
    No,
    OnFailure,
    Always,
    UnlessStopped,
}

/// What has become of a container's restarts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Restarts {
    /// How often its policy has started it since somebody did.
    pub count: u32,
    /// Somebody stopped or killed it.
    pub manually_stopped: bool,
}

impl RestartName {
    /// Docker's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::OnFailure => "on-failure",
            Self::Always => "always",
            Self::UnlessStopped => "unless-stopped",
        }
    }
}

impl RestartPolicy {
    /// Reads what a client asks for. Errors: in Docker's words.
    pub fn new(name: &str, maximum_retry_count: i64) -> Result<Self> {
        let invalid = |why: &str| Err(Error::invalid(format!("invalid restart policy: {why}")));
        let name = match name {
            "" | "no" => RestartName::No,
            "on-failure" => RestartName::OnFailure,
            "always" => RestartName::Always,
            "unless-stopped" => RestartName::UnlessStopped,
            _ => {
                let name: String = name.chars().take(80).collect();
                return invalid(&format!(
                    "unknown policy '{name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
                ));
            }
        };
        match (name, u32::try_from(maximum_retry_count)) {
            (_, Ok(0)) | (RestartName::OnFailure, Ok(_)) => {}
            (RestartName::OnFailure, Err(_)) if maximum_retry_count < 0 => {
                return invalid("maximum retry count cannot be negative");
            }
            (RestartName::OnFailure, Err(_)) => return invalid("maximum retry count is too large"),
            (_, Err(_)) if maximum_retry_count < 0 => {
                return invalid("maximum retry count can only be used with 'on-failure' and cannot be negative");
            }
            _ => return invalid("maximum retry count can only be used with 'on-failure'"),
        }
        Ok(Self { name, maximum_retry_count: u32::try_from(maximum_retry_count).unwrap_or(0) })
    }

    /// Whether one that has ended by itself is started again.
    pub(crate) fn after_exit(self, exit_code: i32, restarts: Restarts) -> bool {
        match self.name {
            _ if restarts.manually_stopped => false,
            RestartName::No => false,
            RestartName::Always | RestartName::UnlessStopped => true,
            RestartName::OnFailure => {
                exit_code != 0 && (self.maximum_retry_count == 0 || restarts.count < self.maximum_retry_count)
            }
        }
    }

    /// Whether it is started when its host begins, as Docker does when its daemon starts: `always` means always.
    pub(crate) fn at_begin(self, exit_code: i32, restarts: Restarts) -> bool {
        self.name == RestartName::Always || self.after_exit(exit_code, restarts)
    }
}

/// How long to wait before the next start, after a wait of `last` and a run of `lasted`.
pub(crate) fn backoff(last: Option<Duration>, lasted: Duration) -> Duration {
    match last {
        Some(last) if lasted < GOOD_RUN => (last * 2).min(LONGEST),
        _ => SHORTEST,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn policies_are_dockers() {
        for (name, count, words) in [
            ("foo", 0, "unknown policy 'foo'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"),
            ("always", 3, "maximum retry count can only be used with 'on-failure'"),
            ("on-failure", -1, "maximum retry count cannot be negative"),
            ("", 3, "maximum retry count can only be used with 'on-failure'"),
            ("no", -3, "maximum retry count can only be used with 'on-failure' and cannot be negative"),
        ] {
            let error = RestartPolicy::new(name, count).unwrap_err();
            assert_eq!(error.message, format!("invalid restart policy: {words}"));
        }
        let after = |name: &str, most: i64, code: i32, count: u32, manually_stopped: bool| {
            RestartPolicy::new(name, most).unwrap().after_exit(code, Restarts { count, manually_stopped })
        };
        assert!(!after("no", 0, 1, 0, false));
        assert!(after("always", 0, 0, 9, false) && !after("always", 0, 0, 9, true));
        assert!(after("on-failure", 2, 1, 1, false) && !after("on-failure", 2, 1, 2, false));
        assert!(after("on-failure", 0, 1, 99, false) && !after("on-failure", 0, 0, 0, false));
        let stopped = Restarts { count: 0, manually_stopped: true };
        assert!(RestartPolicy::new("always", 0).unwrap().at_begin(0, stopped));
        assert!(!RestartPolicy::new("unless-stopped", 0).unwrap().at_begin(0, stopped));
    }

    #[test]
    fn waits_double_up_to_a_minute_and_a_good_run_forgets_them() {
        let mut wait = None;
        let waits: Vec<_> = (0..11)
            .map(|_| {
                wait = Some(backoff(wait, Duration::ZERO));
                wait.unwrap().as_millis()
            })
            .collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000]);
        assert_eq!(backoff(wait, Duration::from_secs(11)), SHORTEST);
    }
}
