//! The dockerd that we are measured beside.

use crate::client::Client;
use crate::memory;
use crate::sample::Sample;
use anyhow::{Context, Result, bail, ensure};
use oracle::Oracle;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// As seen from below the oracle's root.
pub(crate) const SOCKET: &str = "/bench/docker.sock";

/// How long a daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a daemon `runs` times and keeps the last one; also says how long one takes until it answers.
pub(crate) fn measured(root: &Path, runs: usize) -> Result<(Oracle, Duration)> {
    // What is read from disk the first time shall not count.
    drop(start(root)?);
    let mut sample = Sample::default();
    for _ in 1..runs {
        sample.add(start(root)?.1);
    }
    let (daemon, time) = start(root)?;
    sample.add(time);
    import_busybox(root)?;
    Ok((daemon, sample.median()))
}

/// PSS of the daemon and its containerd, in bytes.
pub(crate) fn memory(daemon: &Oracle) -> Result<u64> {
    memory::of_tree(daemon.pid())
}

fn start(root: &Path) -> Result<(Oracle, Duration)> {
    let start = Instant::now();
    let daemon = Oracle::start(root, &root.join("bench"), "bench")?;
    let client = Client::new(root, SOCKET);
    while !client.answers() {
        if start.elapsed() > PATIENCE {
            bail!("dockerd does not answer");
        }
    }
    Ok((daemon, start.elapsed()))
}

/// The same busybox as ours, from the same package.
fn import_busybox(root: &Path) -> Result<()> {
    let script = "set -e; rm -rf /bench/busybox; mkdir -p /bench/busybox/bin; cp /bin/busybox /bench/busybox/bin/; \
                  /bin/busybox --install -s /bench/busybox/bin; tar -C /bench/busybox -c .";
    let mut archive = Command::new("chroot").arg(root).args(["sh", "-c", script]).stdout(Stdio::piped()).spawn()?;
    let archive_bytes = archive.stdout.take().context("tar has no output")?;
    let import = Client::new(root, SOCKET).command(&["import", "-", "busybox:latest"]).stdin(archive_bytes).output()?;
    let packed = archive.wait()?;
    ensure!(
        packed.success() && import.status.success(),
        "dockerd did not take busybox: {}",
        String::from_utf8_lossy(&import.stderr)
    );
    Ok(())
}
