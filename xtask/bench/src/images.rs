//! Images: pulled from a registry, loaded from an archive, committed.
//!
//! Each image is pulled or loaded once only on each side: what has been there lies about for a while. A registry, Debian's, runs in the
//! network namespace of each side, where `localhost` is, over the same files.

use crate::api::Api;
use crate::client::Client;
use crate::sample::Sample;
use crate::table::{Row, Table};
use crate::{engine, memory};
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Twice what is in Debian's `/usr`, in a layer that no other image has: about 160 MB.
const MAKE: &str = "set -e; cp -a /usr /copy; date +%N > /unique";

const CHANGE: &str = "head -c 10000000 /dev/urandom > /file";

/// How long a registry may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures both sides, in turns.
pub(crate) fn measure(root: &Path, server: &Path, dockerd: u32, runs: usize, table: &mut Table) -> Result<()> {
    let (ours, theirs) = (Client::new(root, engine::SOCKET), Client::new(root, crate::daemon::SOCKET));
    let registries = [Registry::start(root, host_of(server)?)?, Registry::start(root, child_of(dockerd)?)?];
    // As large as those that count, but the first is read from disk.
    make_images(root, &ours, &theirs, 2 * (runs + 1))?;

    let mut pull: [Sample; 2] = Default::default();
    let mut again: [Sample; 2] = Default::default();
    for run in 0..=runs {
        let name = format!("localhost:5000/bench:{run}");
        for (index, client) in [&ours, &theirs].into_iter().enumerate() {
            let time = rested(|| client.time(&["pull", "--quiet", &name]))?;
            let second = client.time(&["pull", "--quiet", &name])?;
            if run > 0 {
                pull[index].add(time);
                again[index].add(second);
            }
        }
    }
    let [pulled, docker_pulled] = pull.map(Sample::median);
    table.add(Row::of_times("docker pull of a Debian of 160 MB", pulled, docker_pulled, "≤ 0.6 of Docker's"));
    let [second, docker_second] = again.map(Sample::median);
    table.add(Row::of_times("the same pull again, as a second learner's", second, docker_second, "≤ 100 ms"));
    drop(registries);

    let mut load: [Sample; 2] = Default::default();
    for run in 0..=runs {
        let archive = format!("/bench/bench-{}.tar", runs + 1 + run);
        for (index, client) in [&ours, &theirs].into_iter().enumerate() {
            let time = rested(|| client.time(&["load", "--quiet", "--input", &archive]))?;
            if run > 0 {
                load[index].add(time);
            }
        }
    }
    let [loaded, docker_loaded] = load.map(Sample::median);
    table.add(Row::of_times("docker load of a Debian of 160 MB", loaded, docker_loaded, "≤ 0.6 of Docker's"));
    remove_archives(root)?;
    commit(root, runs, table)
}

/// By the API: the client's own start takes longer than either side.
fn commit(root: &Path, runs: usize, table: &mut Table) -> Result<()> {
    let mut samples: [Sample; 2] = Default::default();
    for run in 0..=runs {
        for (socket, sample) in [engine::SOCKET, crate::daemon::SOCKET].into_iter().zip(&mut samples) {
            let (client, api) = (Client::new(root, socket), Api::new(root, socket));
            client.time(&["run", "--name", "bench-commit", "busybox", "sh", "-c", CHANGE])?;
            let time = rested(|| {
                let start = Instant::now();
                api.request("POST", "/commit?container=bench-commit&repo=bench-committed", "")?;
                Ok(start.elapsed())
            })?;
            client.remove("bench-commit");
            if run > 0 {
                sample.add(time);
            }
        }
    }
    let [ours, theirs] = samples.map(Sample::median);
    table.add(Row::of_times("a commit of a change of 10 MB, by the API", ours, theirs, "≤ 0.5 of Docker's"));
    Ok(())
}

/// Measures once the disk has what was written before: neither side is to write for the other.
fn rested(measure: impl FnOnce() -> Result<Duration>) -> Result<Duration> {
    ensure!(Command::new("sync").status()?.success(), "sync failed");
    measure()
}

/// Makes images on Docker's side, pushes half of them and saves the other half.
fn make_images(root: &Path, ours: &Client, theirs: &Client, count: usize) -> Result<()> {
    ours.time(&["save", "--output", "/bench/debian.tar", "debian"])?;
    theirs.time(&["load", "--quiet", "--input", "/bench/debian.tar"])?;
    for number in 0..count {
        theirs.remove("bench-make");
        theirs.time(&["run", "--name", "bench-make", "debian", "sh", "-c", MAKE])?;
        let name = format!("localhost:5000/bench:{number}");
        let import = "docker --host \"$0\" export bench-make | docker --host \"$0\" import - \"$1\"";
        let socket = format!("unix://{}", crate::daemon::SOCKET);
        let imported = Command::new("chroot").arg(root).args(["sh", "-c", import, &socket, &name]).output()?;
        ensure!(imported.status.success(), "no image was made: {}", String::from_utf8_lossy(&imported.stderr));
        if number < count / 2 {
            theirs.time(&["push", "--quiet", &name])?;
        } else {
            theirs.time(&["save", "--output", &format!("/bench/bench-{number}.tar"), &name])?;
        }
        theirs.time(&["rmi", &name])?;
    }
    theirs.remove("bench-make");
    Ok(())
}

fn remove_archives(root: &Path) -> Result<()> {
    for entry in fs::read_dir(root.join("bench"))?.flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "tar") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Debian's `docker-registry` in a network namespace, until it is dropped.
struct Registry(Child);

impl Registry {
    /// In the namespace of a process.
    fn start(root: &Path, process: u32) -> Result<Self> {
        let directory: PathBuf = root.join("bench/registry");
        fs::create_dir_all(&directory)?;
        let config = directory.join("config.yml");
        let files = directory.join("files");
        let text = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: localhost:5000\n",
            files.display()
        );
        fs::write(&config, text)?;
        let inside = |program: &str| {
            let mut command = Command::new("nsenter");
            command.args(["--target", &process.to_string(), "--net", "--", program]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let child = inside("docker-registry").arg("serve").arg(&config).spawn();
        let registry = Self(child.context("could not start docker-registry: apt-get install docker-registry")?);
        let start = Instant::now();
        while !inside("bash").args(["-c", "exec 3<>/dev/tcp/localhost/5000"]).status()?.success() {
            if start.elapsed() > PATIENCE {
                bail!("docker-registry does not answer");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(registry)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process in the virtual host's network: its first one, the only child of the keeper, which is nobody's child itself.
fn host_of(server: &Path) -> Result<u32> {
    let parents = memory::parents()?;
    let keeper = memory::of(server)?.into_iter().find(|process| parents.get(process) == Some(&1));
    let keeper = keeper.context("the engine has no keeper")?;
    child(&parents, keeper)
}

/// A process in the namespaces that a process has begun.
fn child_of(process: u32) -> Result<u32> {
    child(&memory::parents()?, process)
}

fn child(parents: &std::collections::BTreeMap<u32, u32>, process: u32) -> Result<u32> {
    let found = parents.iter().find(|(_, parent)| **parent == process);
    found.map(|(child, _)| *child).with_context(|| format!("process {process} has no child"))
}
