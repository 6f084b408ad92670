//! One of the two that are compared.

use crate::terminal;
use crate::transcript::Step;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How long a command may take, in seconds, before it is killed (which shows as its exit code).
const PATIENCE: &str = "60";

pub(crate) struct Side {
    /// The working directory, and the home.
    directory: PathBuf,
    socket: PathBuf,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) out: String,
    pub(crate) err: String,
    /// `None` if it was killed.
    pub(crate) code: Option<i32>,
    /// Of the side, which it may have named.
    pub(crate) directory: String,
}

impl Side {
    pub(crate) fn new(socket: &Path, directory: &Path, docker: &Path) -> Self {
        fs::create_dir_all(directory.join(".bin")).unwrap();
        symlink(docker, directory.join(".bin/docker")).unwrap();
        Self { directory: directory.to_owned(), socket: socket.to_owned() }
    }

    pub(crate) fn run(&self, step: &Step) -> Outcome {
        let mut command = if step.typed.is_empty() { Command::new("timeout") } else { terminal::command(PATIENCE) };
        if step.typed.is_empty() {
            command.args(["-k", "2", PATIENCE, "sh", "-c", &step.command]).stdin(Stdio::null());
        } else {
            command.env("STEP", &step.command);
        }
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .current_dir(&self.directory)
            .env("PATH", format!("{}:{path}", self.directory.join(".bin").display()))
            .env("HOME", &self.directory)
            .env("DOCKER_HOST", format!("unix://{}", self.socket.display()))
            .env("DOCKER_CLI_HINTS", "false")
            .env("TERM", "xterm")
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("DOCKER_CONTEXT")
            .env_remove("DOCKER_CONFIG");
        let output =
            if step.typed.is_empty() { command.output().unwrap() } else { terminal::run(command, &step.typed) };
        Outcome {
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
            directory: self.directory.display().to_string(),
        }
    }
}
