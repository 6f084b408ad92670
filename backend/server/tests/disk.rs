//! What a host's containers write has an end, which is theirs alone; and nothing of it stays mounted, however all ends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Answer, Engine, eventually};
use rustix::fs::statvfs;
use std::fs;
use std::path::Path;
use std::process::Command;

const MIB: u64 = 1 << 20;
/// The bound of these tests' hosts, in MiB.
const BOUND: u64 = 128;
/// What a file system of that size has for files at least, in MiB: the rest are its journal and tables.
const LEAST: u64 = 100;

fn start() -> Engine {
    Engine::start_with(&["--disk-mib", &BOUND.to_string()])
}

#[test]
fn a_full_disk_is_its_own_hosts_only() {
    let (engine, other) = (start(), start());
    let free = || free_of(&engine.dir);
    let before = free();
    for name in ["box", "talker"] {
        engine
            .docker(&["run", "-d", "--name", name, "busybox", "sh", "-c", "while :; do echo x; sleep 0.05; done"])
            .ok();
    }
    let written = fill(&engine, "box", "/full").ok().parse::<u64>().unwrap();
    assert!((LEAST * MIB..BOUND * MIB).contains(&written), "{written}");
    fill(&engine, "talker", "/more").ok();
    let more = ["exec", "box", "dd", "if=/dev/zero", "of=/small", "bs=1M", "count=1"];
    engine.docker(&more).fails_with(1, "No space left on device");
    let taken = before.saturating_sub(free());
    assert!(taken < 2 * BOUND * MIB, "{taken} bytes of the machine's disk");
    other.docker(&["run", "--rm", "busybox", "sh", "-c", "dd if=/dev/zero of=/x bs=1M count=50 && sync"]).ok();

    // What needs no room works as ever, and so does what gives some back.
    assert_eq!(engine.docker(&["exec", "talker", "echo", "served"]).ok(), "served");
    let new = engine.docker(&["create", "busybox"]);
    assert!(new.code == 0 || new.err.contains("No space left on device"), "{new:?}");
    let size = engine.docker(&["ps", "--size", "--filter", "name=box", "--format", "{{.Size}}"]).ok();
    assert!(size.contains("MB"), "{size}");
    assert!(engine.docker(&["diff", "box"]).ok().contains("A /full"));
    let logged = engine.docker(&["logs", "--tail", "3", "talker"]).ok();
    assert_eq!(logged, "x\nx\nx");
    engine.docker(&["rm", "-f", "box"]).ok();
    eventually("there is room again", || {
        engine.docker(&["exec", "talker", "dd", "if=/dev/zero", "of=/again", "bs=1M", "count=80"]).code == 0
    });
    engine.docker(&["rm", "-f", "talker"]).ok();
    let allocated = || blocks(&engine) * 512;
    eventually("the machine has its room again", || allocated() < 40 * MIB);
}

#[test]
fn neither_names_nor_the_engines_own_files_run_out_for_good() {
    let engine = start();
    engine.docker(&["run", "-d", "--name", "box", "busybox", "sleep", "1000"]).ok();
    let names = "mkdir /d && cd /d && i=0; while echo >$i; do i=$((i+1)); done 2>&1 | tail -n 1";
    let said = engine.docker(&["exec", "box", "sh", "-c", names]).ok();
    assert!(said.contains("No space left on device"), "{said}");
    engine.docker(&["create", "busybox"]).fails_with(1, "No space left on device");
    engine.docker(&["rm", "-f", "box"]).ok();
    eventually("there are names again", || engine.docker(&["run", "--rm", "busybox", "true"]).code == 0);
    assert_eq!(fs::read_dir(engine.host_files().join("containers")).unwrap().count(), 0, "nothing is half made");
}

#[test]
fn files_outlive_server_and_host_and_mounts_outlive_nobody() {
    let mut engine = start();
    // It answers once the host is there.
    engine.docker(&["ps"]).ok();
    eventually("there is one disk", || attached_files(&engine.dir).len() == 1);
    assert!(
        !fs::read_to_string("/proc/mounts").unwrap().contains(&*engine.dir.to_string_lossy()),
        "the keeper alone sees it"
    );
    engine.docker(&["run", "-d", "--name", "box", "busybox", "sleep", "1000"]).ok();
    engine.docker(&["exec", "box", "sh", "-c", "echo kept >/kept"]).ok();
    engine.kill_server();
    engine.start_again();
    assert_eq!(engine.docker(&["exec", "box", "cat", "/kept"]).ok(), "kept", "a server that begins again finds it");
    assert!(engine.docker(&["diff", "box"]).ok().contains("A /kept"));

    // Its keeper alone.
    kill(engine.keeper());
    eventually("the disk goes with the keeper", || attached_files(&engine.dir).is_empty());
    assert!(engine.docker(&["ps", "-a", "--format", "{{.Status}}"]).ok().starts_with("Exited (137)"));
    engine.kill_server();
    engine.start_again();
    engine.docker(&["start", "box"]).ok();
    eventually("there is one disk", || attached_files(&engine.dir).len() == 1);
    assert_eq!(engine.docker(&["exec", "box", "cat", "/kept"]).ok(), "kept", "a host that begins again finds it");

    // Both at once, and the next host at once after them.
    let keeper = engine.keeper();
    engine.kill_server();
    kill(keeper);
    engine.start_again();
    engine.docker(&["start", "box"]).ok();
    assert_eq!(engine.docker(&["exec", "box", "cat", "/kept"]).ok(), "kept");
    let dir = engine.dir.clone();
    drop(engine);
    eventually("nothing is left", || attached_files(&dir).is_empty());
}

#[test]
fn a_host_that_was_made_without_a_bound_goes_on_without() {
    let mut engine = Engine::start_with(&["--disk-mib", "0"]);
    engine.docker(&["create", "--name", "box", "busybox", "sh", "-c", "echo kept >/kept; cat /kept"]).ok();
    let keeper = engine.keeper();
    engine.kill_server();
    kill(keeper);
    engine.change_options(&["--disk-mib", &BOUND.to_string()]);
    engine.start_again();
    assert_eq!(engine.docker(&["start", "-a", "box"]).ok(), "kept");
    assert!(attached_files(&engine.dir).is_empty());
}

/// Writes until there is no more room; how many bytes there were.
fn fill(engine: &Engine, container: &str, path: &str) -> Answer {
    let script = format!("dd if=/dev/zero of={path} bs=64k 2>&1 | grep -q 'No space left on device' && wc -c <{path}");
    engine.docker(&["exec", container, "sh", "-c", &script])
}

fn free_of(dir: &Path) -> u64 {
    let found = statvfs(dir).unwrap();
    found.f_bfree * found.f_frsize
}

/// Blocks of 512 bytes that the host's disk takes on the machine's.
fn blocks(engine: &Engine) -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(engine.dir.join("data/disks").join(engine.host_id())).unwrap().blocks()
}

/// The files below a directory that loop devices have.
fn attached_files(dir: &Path) -> Vec<String> {
    let devices = fs::read_dir("/sys/block").unwrap().flatten();
    let files = devices.filter_map(|device| fs::read_to_string(device.path().join("loop/backing_file")).ok());
    files.filter(|file| Path::new(file.trim()).starts_with(dir)).collect()
}

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}
