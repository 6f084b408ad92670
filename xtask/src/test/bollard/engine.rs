//! `lernhafen engine` with the images that bollard's tests pull, until it is dropped.

use crate::{command, tree};
use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// How long the engine may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

const PULL: &[u8] = b"POST /images/create?fromImage=hello-world:linux HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n";

pub(super) struct Engine {
    directory: PathBuf,
    process: Child,
    ended: Arc<AtomicBool>,
}

impl Engine {
    pub(super) fn start() -> Result<Self> {
        let images = tree::target("bollard/images");
        let recipe = tree::root().join("xtask/src/test/bollard/image");
        let mut build = Command::new(crate::test::server());
        command::run(build.args(["images", "build", "--missing"]).arg(recipe).arg("--data-dir").arg(&images))?;
        // Not below target: the path of a socket must be short.
        let directory = std::env::temp_dir().join(format!("lernhafen-bollard-{}", std::process::id()));
        fs::create_dir(&directory).with_context(|| format!("could not make {}", directory.display()))?;
        command::quiet(Command::new("cp").arg("--archive").arg(images).arg(directory.join("data")))?;
        let process = Command::new(crate::test::server())
            .arg("engine")
            .arg("--socket")
            .arg(directory.join("docker.sock"))
            .arg("--data-dir")
            .arg(directory.join("data"))
            .arg("--run-dir")
            .arg(directory.join("run"))
            .stdin(Stdio::null())
            .spawn()
            .context("could not start the engine")?;
        let engine = Self { directory, process, ended: Arc::default() };
        let start = Instant::now();
        while UnixStream::connect(engine.socket()).is_err() {
            if start.elapsed() > PATIENCE {
                bail!("the engine does not answer");
            }
            thread::sleep(Duration::from_millis(10));
        }
        engine.keep_pulling();
        Ok(engine)
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.directory.join("docker.sock")
    }

    /// The test of events pulls while it subscribes, and waits for the event: with a registry that takes long enough,
    /// here it is often over before. So there is always another pull.
    fn keep_pulling(&self) {
        let (socket, ended) = (self.socket(), Arc::clone(&self.ended));
        thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                if let Ok(mut stream) = UnixStream::connect(&socket) {
                    let _ = stream.write_all(PULL).and_then(|()| stream.read_to_end(&mut Vec::new()));
                }
                thread::sleep(Duration::from_millis(200));
            }
        });
    }

    /// All that are forks of its binary: server, zygote, keeper, host init.
    fn processes(&self) -> Vec<String> {
        let socket = self.socket().to_string_lossy().into_owned();
        let is_own = |path: &Path| {
            fs::read(path.join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&socket))
        };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        entries.map(|entry| entry.path()).filter(|path| is_own(path)).filter_map(|path| name(&path)).collect()
    }
}

impl Drop for Engine {
    /// With its keeper the kernel ends every process of the virtual host.
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = Command::new("kill").arg("-KILL").args(self.processes()).stderr(Stdio::null()).status();
        let _ = self.process.wait();
        for host in fs::read_dir(self.directory.join("data/hosts")).into_iter().flatten().flatten() {
            oracle::cgroup::remove(Path::new("lernhafen").join(host.file_name()));
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}
