//! `HostConfig.LogConfig`: `--log-driver` and `--log-opt`.

use crate::error::Reply;
use engine::container::LogConfig;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a client asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Body {
    r#type: String,
    config: BTreeMap<String, String>,
}

impl Body {
    pub(super) fn read(self) -> Reply<LogConfig> {
        Ok(LogConfig::new(&self.r#type, self.config)?)
    }
}

/// What `inspect` shows: as asked for.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Response {
    r#type: String,
    config: BTreeMap<String, String>,
}

impl From<&LogConfig> for Response {
    fn from(config: &LogConfig) -> Self {
        Self { r#type: config.driver.clone(), config: config.options.clone() }
    }
}
