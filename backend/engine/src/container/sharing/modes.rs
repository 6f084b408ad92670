//! Modes of namespaces, in Docker's words where they come from a client, are written down, or shown.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Whose processes a container sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PidMode {
    #[default]
    Private,
    /// The virtual host's.
    Host,
    /// Another container's: its name as asked for, its id once it is found.
    Container(String),
}

/// Whose shared memory, semaphores and queues a container uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum IpcMode {
    #[default]
    Private,
    /// Its own, which others may join.
    Shareable,
    /// Its own, without `/dev/shm`.
    None,
    /// The virtual host's.
    Host,
    /// Another container's, as in [`PidMode::Container`].
    Container(String),
}

/// Whether a container has a host name of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum UtsMode {
    #[default]
    Private,
    Host,
}

/// Both mean the same: a virtual host has one user namespace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum UsernsMode {
    #[default]
    Unsaid,
    Host,
}

/// Whether a container sees the control groups from its own on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CgroupnsMode {
    #[default]
    Private,
    Host,
}

impl TryFrom<String> for PidMode {
    type Error = Error;

    fn try_from(mode: String) -> Result<Self> {
        match mode.as_str() {
            "" => Ok(Self::Private),
            "host" => Ok(Self::Host),
            _ => Ok(Self::Container(container("PID", &mode)?)),
        }
    }
}

impl TryFrom<String> for IpcMode {
    type Error = Error;

    fn try_from(mode: String) -> Result<Self> {
        match mode.as_str() {
            "" | "private" => Ok(Self::Private),
            "shareable" => Ok(Self::Shareable),
            "none" => Ok(Self::None),
            "host" => Ok(Self::Host),
            _ => Ok(Self::Container(container("IPC", &mode)?)),
        }
    }
}

impl TryFrom<String> for UtsMode {
    type Error = Error;

    fn try_from(mode: String) -> Result<Self> {
        match mode.as_str() {
            "" => Ok(Self::Private),
            "host" => Ok(Self::Host),
            _ => Err(invalid("UTS", &mode)),
        }
    }
}

impl TryFrom<String> for UsernsMode {
    type Error = Error;

    fn try_from(mode: String) -> Result<Self> {
        match mode.as_str() {
            "" => Ok(Self::Unsaid),
            "host" => Ok(Self::Host),
            _ => Err(invalid("user namespace", &mode)),
        }
    }
}

impl TryFrom<String> for CgroupnsMode {
    type Error = Error;

    fn try_from(mode: String) -> Result<Self> {
        match mode.as_str() {
            "" | "private" => Ok(Self::Private),
            "host" => Ok(Self::Host),
            _ => Err(invalid("cgroup namespace", &mode)),
        }
    }
}

impl From<PidMode> for String {
    fn from(mode: PidMode) -> Self {
        match mode {
            PidMode::Private => Self::new(),
            PidMode::Host => "host".to_owned(),
            PidMode::Container(container) => format!("container:{container}"),
        }
    }
}

impl From<IpcMode> for String {
    fn from(mode: IpcMode) -> Self {
        match mode {
            IpcMode::Private => "private".to_owned(),
            IpcMode::Shareable => "shareable".to_owned(),
            IpcMode::None => "none".to_owned(),
            IpcMode::Host => "host".to_owned(),
            IpcMode::Container(container) => format!("container:{container}"),
        }
    }
}

impl From<UtsMode> for String {
    fn from(mode: UtsMode) -> Self {
        if mode == UtsMode::Host { "host".to_owned() } else { Self::new() }
    }
}

impl From<UsernsMode> for String {
    fn from(mode: UsernsMode) -> Self {
        if mode == UsernsMode::Host { "host".to_owned() } else { Self::new() }
    }
}

impl From<CgroupnsMode> for String {
    fn from(mode: CgroupnsMode) -> Self {
        if mode == CgroupnsMode::Host { "host".to_owned() } else { "private".to_owned() }
    }
}

/// The container that a mode names.
fn container(kind: &str, mode: &str) -> Result<String> {
    let name = mode.strip_prefix("container:").filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| invalid(kind, mode))
}

fn invalid(kind: &str, mode: &str) -> Error {
    Error::invalid(format!("invalid {kind} mode: {mode}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::super::Sharing;
    use serde_json::json;

    #[test]
    fn modes_are_written_as_they_were_and_others_are_refused_in_dockers_words() {
        for (field, modes, kind) in [
            ("pid", &["", "host", "container:x"][..], "PID"),
            ("ipc", &["private", "shareable", "none", "host", "container:x"], "IPC"),
            ("uts", &["", "host"], "UTS"),
            ("userns", &["", "host"], "user namespace"),
            ("cgroupns", &["private", "host"], "cgroup namespace"),
        ] {
            for mode in modes {
                let read: Sharing = serde_json::from_value(json!({ field: mode })).unwrap();
                assert_eq!(serde_json::to_value(read).unwrap()[field], json!(mode));
            }
            for bad in ["foo", "container:"] {
                let error = serde_json::from_value::<Sharing>(json!({ field: bad })).unwrap_err();
                assert_eq!(error.to_string(), format!("invalid {kind} mode: {bad}"));
            }
        }
    }
}
