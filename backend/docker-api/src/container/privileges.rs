//! The fields of `HostConfig` that say what a container's processes may do.

use engine::container::Privileges;
use serde::{Deserialize, Serialize};

/// As a create request has them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PrivilegesFields {
    privileged: bool,
    cap_add: Vec<String>,
    cap_drop: Vec<String>,
    security_opt: Vec<String>,
    group_add: Vec<String>,
    masked_paths: Option<Vec<String>>,
    readonly_paths: Option<Vec<String>>,
}

impl From<PrivilegesFields> for Privileges {
    fn from(fields: PrivilegesFields) -> Self {
        Self {
            privileged: fields.privileged,
            cap_add: fields.cap_add,
            cap_drop: fields.cap_drop,
            security_opt: fields.security_opt,
            group_add: fields.group_add,
            masked_paths: fields.masked_paths,
            readonly_paths: fields.readonly_paths,
        }
    }
}

/// As `inspect` shows them: `null` where nothing was asked for.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PrivilegesShown {
    cap_add: Option<Vec<String>>,
    cap_drop: Option<Vec<String>>,
    group_add: Option<Vec<String>>,
    privileged: bool,
    security_opt: Option<Vec<String>>,
    masked_paths: Option<Vec<String>>,
    readonly_paths: Option<Vec<String>>,
}

impl From<&Privileges> for PrivilegesShown {
    fn from(asked: &Privileges) -> Self {
        let shown = |list: &Vec<String>| Some(list.clone()).filter(|list| !list.is_empty());
        Self {
            cap_add: shown(&asked.cap_add),
            cap_drop: shown(&asked.cap_drop),
            group_add: shown(&asked.group_add),
            privileged: asked.privileged,
            security_opt: shown(&asked.security_opt),
            masked_paths: asked.masked_paths(),
            readonly_paths: asked.readonly_paths(),
        }
    }
}
