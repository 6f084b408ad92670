//! The Docker CLI, the same for both sides: the one in the oracle's file system.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Client {
    root: PathBuf,
    socket: &'static str,
}

impl Client {
    /// A client of the socket, whose path is as seen from below `root`.
    pub(crate) fn new(root: &Path, socket: &'static str) -> Self {
        Self { root: root.to_owned(), socket }
    }

    /// How long a command takes. One that fails is an error with what it said.
    pub(crate) fn time(&self, arguments: &[&str]) -> Result<Duration> {
        let mut command = self.command(arguments);
        let start = Instant::now();
        let output = command.output().context("could not start the docker client")?;
        let time = start.elapsed();
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            bail!("`docker {}` on {} ended with {}\n{message}", arguments.join(" "), self.socket, output.status);
        }
        Ok(time)
    }

    pub(crate) fn answers(&self) -> bool {
        self.time(&["version"]).is_ok()
    }

    /// Removes a container, if there is one.
    pub(crate) fn remove(&self, container: &str) {
        // The error of one that is not there.
        let _ = self.time(&["rm", "--force", container]);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command.arg(&self.root).args(["docker", "--host"]).arg(format!("unix://{}", self.socket)).args(arguments);
        command.stdin(Stdio::null());
        command
    }
}
