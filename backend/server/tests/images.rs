//! `lernhafen images build`, killed in the middle.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{comm, eventually, pids};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[test]
fn a_killed_build_takes_everything_along() {
    let bench = Bench::new("packages");
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../images/busybox");
    bench.kill_while(&recipe, "mmdebstrap");
    let listed = bench.lernhafen(&["list"]).output().unwrap();
    assert!(listed.status.success() && listed.stdout.is_empty(), "no half image: {listed:?}");
    assert_eq!(fs::read_dir(bench.data.join("layers")).unwrap().count(), 0);
}

#[test]
fn a_killed_build_of_a_layer_takes_its_mounts_along() {
    let bench = Bench::new("layer");
    let below = bench.recipe("below", "scratch", "mkdir $1/proc $1/dev $1/tmp");
    assert!(bench.lernhafen(&["build", &below.to_string_lossy()]).status().unwrap().success());
    let above = bench.recipe("above", "below", "touch $1/new && sleep 1000");
    bench.kill_while(&above, "sleep");
    let listed = bench.lernhafen(&["list"]).output().unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).trim_end().ends_with("below:latest"), "no half image: {listed:?}");
    assert_eq!(fs::read_dir(bench.data.join("layers")).unwrap().count(), 1);
}

struct Bench {
    data: PathBuf,
}

impl Bench {
    fn new(name: &str) -> Self {
        Self { data: std::env::temp_dir().join(format!("lernhafen-images-{name}-{}", std::process::id())) }
    }

    fn lernhafen(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lernhafen"));
        command.arg("images").args(args).arg("--data-dir").arg(&self.data);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    fn recipe(&self, name: &str, from: &str, setup: &str) -> PathBuf {
        let dir = self.data.with_extension(name);
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("recipe.toml"), format!("name = ['{name}']\nfrom = '{from}'\nsetup = 'setup'")).unwrap();
        fs::write(dir.join("setup"), format!("#!/bin/sh\nset -e\n{setup}\n")).unwrap();
        fs::set_permissions(dir.join("setup"), PermissionsExt::from_mode(0o755)).unwrap();
        dir
    }

    /// Kills a build when it runs this program, and waits until nothing of it is left but what the next one sweeps.
    fn kill_while(&self, recipe: &Path, program: &str) {
        let mut build = self.lernhafen(&["build", &recipe.to_string_lossy()]).spawn().unwrap();
        eventually("the build is in the middle", || processes_with(&self.data).iter().any(|name| name == program));
        build.kill().unwrap();
        build.wait().unwrap();
        eventually("nothing of it runs any more", || processes_with(&self.data).is_empty());
        let mounts = fs::read_to_string("/proc/mounts").unwrap();
        assert!(!mounts.contains(&*self.data.to_string_lossy()), "{mounts}");
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        for dir in [self.data.clone(), self.data.with_extension("below"), self.data.with_extension("above")] {
            let _ = fs::remove_dir_all(dir);
        }
    }
}

/// Names of the processes whose arguments or environment name this directory.
fn processes_with(dir: &Path) -> Vec<String> {
    let dir = dir.to_string_lossy().into_owned();
    let names = |file: String| fs::read(file).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(&dir));
    let mut found = pids();
    found.retain(|pid| names(format!("/proc/{pid}/environ")) || names(format!("/proc/{pid}/cmdline")));
    found.into_iter().map(comm).collect()
}
