//! What is asked for with `docker exec`, and what `inspect` shows of it.

use crate::id::ContainerId;

/// What a client asks for with `docker exec`.
#[derive(Debug, Clone, Default)]
pub struct ExecSpec {
    pub cmd: Vec<String>,
    pub env: Vec<String>,
    /// Empty: the container's.
    pub user: String,
    /// Empty: the container's.
    pub working_dir: String,
    pub tty: bool,
    pub attach_stdin: bool,
    pub attach_stdout: bool,
    pub attach_stderr: bool,
    pub privileged: bool,
    /// Rows and columns; 0: 24×80.
    pub console_size: [u16; 2],
    /// Keys that leave it, as the client wrote them; empty: Docker's.
    pub detach_keys: String,
}

/// An exec as `inspect` shows it.
#[derive(Debug, Clone)]
pub struct ExecState {
    pub id: String,
    pub container_id: ContainerId,
    pub spec: ExecSpec,
    pub running: bool,
    /// `None` until it has ended.
    pub exit_code: Option<i32>,
    /// As the virtual host sees it: 0 before the start, and kept after the end.
    pub pid: i32,
}
