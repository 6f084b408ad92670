//! `GET /exec/{id}/json`

use crate::error::Reply;
use crate::query::Name;
use axum::Json;
use axum::extract::State;
use engine::ContainerId;
use engine::VirtualHost;
use engine::container::ExecState;
use serde::Serialize;
use std::sync::Arc;

pub(crate) async fn inspect(State(host): State<Arc<VirtualHost>>, Name(id): Name) -> Reply<Json<ExecResponse>> {
    Ok(Json(ExecResponse::new(host.exec(&id).await?)))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExecResponse {
    #[serde(rename = "ID")]
    id: String,
    running: bool,
    exit_code: Option<i32>,
    process_config: ProcessConfig,
    open_stdin: bool,
    open_stderr: bool,
    open_stdout: bool,
    can_remove: bool,
    #[serde(rename = "ContainerID")]
    container_id: ContainerId,
    detach_keys: &'static str,
    pid: i32,
}

#[derive(Debug, Serialize)]
struct ProcessConfig {
    tty: bool,
    entrypoint: String,
    arguments: Vec<String>,
    privileged: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    user: String,
}

impl ExecResponse {
    fn new(exec: ExecState) -> Self {
        let mut words = exec.spec.cmd.into_iter();
        Self {
            id: exec.id,
            running: exec.running,
            exit_code: exec.exit_code,
            process_config: ProcessConfig {
                tty: exec.spec.tty,
                entrypoint: words.next().unwrap_or_default(),
                arguments: words.collect(),
                privileged: exec.spec.privileged,
                user: exec.spec.user,
            },
            open_stdin: exec.spec.attach_stdin,
            open_stderr: exec.spec.attach_stderr,
            open_stdout: exec.spec.attach_stdout,
            can_remove: false,
            container_id: exec.container_id,
            detach_keys: "",
            pid: exec.pid,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use engine::container::ExecSpec;
    use serde_json::json;

    #[test]
    fn an_exec_looks_as_in_docker() {
        let exec = ExecState {
            id: "e".into(),
            container_id: ContainerId::new(&"c".repeat(64)).unwrap(),
            spec: ExecSpec {
                cmd: vec!["sh".into(), "-c".into(), "exit 2".into()],
                attach_stdout: true,
                attach_stderr: true,
                ..ExecSpec::default()
            },
            running: true,
            exit_code: None,
            pid: 7,
        };
        let expected = json!({
            "ID": "e", "Running": true, "ExitCode": null,
            "ProcessConfig": {"tty": false, "entrypoint": "sh", "arguments": ["-c", "exit 2"], "privileged": false},
            "OpenStdin": false, "OpenStderr": true, "OpenStdout": true, "CanRemove": false,
            "ContainerID": "c".repeat(64), "DetachKeys": "", "Pid": 7,
        });
        assert_eq!(serde_json::to_value(ExecResponse::new(exec)).unwrap(), expected);
    }
}
