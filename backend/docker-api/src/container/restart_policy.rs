//! `HostConfig.RestartPolicy`: `--restart`.

use crate::error::Reply;
use engine::container::RestartPolicy;
use serde::{Deserialize, Serialize};

/// What a client asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Body {
    pub(super) name: String,
    maximum_retry_count: i64,
}

impl Body {
    pub(super) fn read(self) -> Reply<RestartPolicy> {
        Ok(RestartPolicy::new(&self.name, self.maximum_retry_count)?)
    }
}

/// What `inspect` shows.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Response {
    name: &'static str,
    maximum_retry_count: u32,
}

impl From<RestartPolicy> for Response {
    fn from(policy: RestartPolicy) -> Self {
        Self { name: policy.name.as_str(), maximum_retry_count: policy.maximum_retry_count }
    }
}
