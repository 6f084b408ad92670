//! A real dockerd: Debian's packages in a directory, run in namespaces of its own, seen from outside by its socket only.
//!
//! It has its own bridge and its own iptables rules in its own network namespace, its own mounts, its own cgroup. What it
//! leaves when it is killed is its data, in the directory; [`Oracle`] removes that, too.

pub mod cgroup;

use anyhow::{Context, Result, bail, ensure};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Where the directory with the socket is in the oracle's file system.
pub const MOUNTED: &str = "/bench";

/// Debian's sid has the Docker that we speak like; a suite that is released has an older one.
const SUITE: &str = "sid";
const PACKAGES: &str = "docker.io,docker-cli,iptables,iproute2,procps,busybox-static";
const START: &str = include_str!("start.sh");

/// How long a daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes `root` a file system with dockerd and the client in it, if it is not there.
pub fn build(root: &Path) -> Result<()> {
    if root.exists() {
        return Ok(());
    }
    let unfinished = root.with_extension("new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    let mut build = Command::new("mmdebstrap");
    build.args(["--quiet", "--variant=minbase", "--mode=root", "--format=directory", "--skip=output/mknod"]);
    // A mirror's copy of sid may be older than sid wants to be used.
    build.arg("--aptopt=Acquire::Check-Valid-Until \"false\"");
    for path in ["doc", "locale", "man"] {
        build.arg(format!("--dpkgopt=path-exclude=/usr/share/{path}/*"));
    }
    let build = build.args(["--include", PACKAGES, SUITE]).arg(&unfinished);
    let output = build.stdin(Stdio::null()).output().context("could not start mmdebstrap")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "mmdebstrap ended with {}\n{said}", output.status);
    fs::create_dir(unfinished.join(MOUNTED.trim_start_matches('/')))?;
    fs::rename(&unfinished, root).context("could not put the oracle's file system into place")
}

/// A dockerd that runs, until it is dropped or the thread that started it ends.
#[derive(Debug)]
pub struct Oracle {
    process: Child,
    directory: PathBuf,
    data: PathBuf,
    cgroup: String,
}

impl Oracle {
    /// Starts a daemon without any image, container or volume, and waits until it answers.
    ///
    /// Its socket is made in `directory`, which has a short path; `name` tells it from others that run at the same time.
    pub fn start(root: &Path, directory: &Path, name: &str) -> Result<Self> {
        // Daemons of other checkouts may have the same name, but not at the same time the same process above them.
        let name = format!("lernhafen-oracle-{}-{name}", std::process::id());
        let data = root.join("var/lib").join(&name);
        let log = fs::File::create(directory.join("dockerd.log"))?;
        // setpriv: whatever ends us ends it too.
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .args(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child=KILL", "--"])
            .args(["sh", "-euc", START, "oracle"])
            .args([root, directory])
            .arg(&name)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("could not start dockerd")?;
        let mut oracle = Self { process, directory: directory.to_owned(), data, cgroup: name };
        oracle.wait_until_it_answers()?;
        Ok(oracle)
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.join("docker.sock")
    }

    /// The process whose descendants all of it is.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let start = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            if self.process.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.directory.join("dockerd.log")).unwrap_or_default();
                bail!("dockerd does not answer. What it said:\n{log}");
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // With `unshare` its pid namespace ends, and with that its mounts and its network.
        let _ = self.process.kill();
        let _ = self.process.wait();
        cgroup::remove(&self.cgroup);
        let _ = fs::remove_dir_all(&self.data);
    }
}
