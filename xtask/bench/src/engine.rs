//! Our engine on a socket, without workshop and web.

use crate::client::Client;
use crate::memory;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// As seen from below the oracle's root, where the client is.
pub(crate) const SOCKET: &str = "/bench/lernhafen.sock";

/// How long the engine gets to clean up after its host.
const CLEANING: Duration = Duration::from_secs(1);

/// How long the engine may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Engine {
    process: Child,
    program: PathBuf,
}

impl Engine {
    pub(crate) fn start(server: &Path, directory: &Path, root: &Path) -> Result<Self> {
        let log_path = directory.join("engine.log");
        let log = fs::File::create(&log_path)?;
        let process = Command::new(server)
            .arg("engine")
            .arg("--socket")
            .arg(root.join(SOCKET.trim_start_matches('/')))
            .arg("--data-dir")
            .arg(directory.join("data"))
            .arg("--run-dir")
            .arg(directory.join("run"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("could not start lernhafen engine")?;
        let mut engine = Self { process, program: server.to_owned() };
        let client = Client::new(root, SOCKET);
        let start = Instant::now();
        while !client.answers() {
            if engine.process.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(&log_path).unwrap_or_default();
                bail!("lernhafen engine does not answer. What it said:\n{log}");
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(engine)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.end_host();
        terminate(&mut self.process);
    }
}

impl Engine {
    /// Ends the virtual host, which would outlive the engine: kills its keeper, and the engine removes what it had.
    fn end_host(&self) {
        let (Ok(processes), Ok(parents)) = (memory::of(&self.program), memory::parents()) else { return };
        // The keeper is nobody's child any more; the zygote is the engine's.
        let keepers = processes.iter().filter(|process| parents.get(process) == Some(&1));
        for keeper in keepers {
            let _ = Command::new("kill").args(["-KILL", &keeper.to_string()]).status();
        }
        thread::sleep(CLEANING);
    }
}

/// Ends a process the friendly way, and waits for it.
pub(crate) fn terminate(process: &mut Child) {
    let _ = Command::new("kill").arg(process.id().to_string()).status();
    let _ = process.wait();
}
