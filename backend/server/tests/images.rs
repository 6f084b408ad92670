//! `lernhafen images build`, killed in the middle.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{comm, eventually, pids};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn a_killed_build_takes_everything_along() {
    let data = std::env::temp_dir().join(format!("lernhafen-images-{}", std::process::id()));
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../images/busybox");
    let lernhafen = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lernhafen"));
        command.arg("images").args(args).arg("--data-dir").arg(&data);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    };
    let mut build = lernhafen(&["build", &recipe.to_string_lossy()]).spawn().unwrap();
    eventually("mmdebstrap runs", || processes_with(&data).iter().any(|name| name == "mmdebstrap"));
    build.kill().unwrap();
    build.wait().unwrap();
    eventually("nothing of it runs any more", || processes_with(&data).is_empty());

    // The next one to open the store sweeps what the killed one left.
    let listed = lernhafen(&["list"]).output().unwrap();
    assert!(listed.status.success() && listed.stdout.is_empty(), "no half image: {listed:?}");
    assert_eq!(fs::read_dir(data.join("layers")).unwrap().count(), 0);
    fs::remove_dir_all(&data).unwrap();
}

/// Names of the processes whose arguments or environment name this directory.
fn processes_with(dir: &Path) -> Vec<String> {
    let dir = dir.to_string_lossy().into_owned();
    let names = |file: String| fs::read(file).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(&dir));
    let mut found = pids();
    found.retain(|pid| names(format!("/proc/{pid}/environ")) || names(format!("/proc/{pid}/cmdline")));
    found.into_iter().map(comm).collect()
}
