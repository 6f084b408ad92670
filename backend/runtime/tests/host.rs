//! Host init: what a virtual host stands on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use runtime::cgroup::Limits;
use runtime::process::{BuildMessage, HostInit, Io, Rootfs, fork_host_init};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};
use support::{alone, as_keeper, spec};

#[test]
fn the_engines_socket_is_inside_and_waits() {
    as_keeper("socket", |keeper| {
        let listener = UnixListener::from(keeper.engine_socket.take().unwrap());
        // As the machine sees a file of the workstation.
        let path = format!("/proc/{}/root/run/docker.sock", keeper.host.init);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode(), 0o140_660);
        let mut client = UnixStream::connect(&path).unwrap();
        client.write_all(b"hello\n").unwrap();
        let (mut connection, _) = listener.accept().unwrap();
        let mut said = [0; 6];
        connection.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"hello\n");
    });
}

#[test]
fn init_is_small_deaf_and_bare() {
    as_keeper("init", |keeper| {
        let init = keeper.host.init;
        let read = |name: &str| fs::read_to_string(format!("/proc/{init}/{name}")).unwrap();
        assert_eq!(read("comm"), "init\n");
        assert_eq!(read("cmdline").trim_end_matches('\0'), "init", "the server's has paths of the machine");
        // It closes the others when it has reported them.
        eventually(|| fs::read_dir(format!("/proc/{init}/fd")).unwrap().count() == 3);
        let status = read("status");
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        assert_eq!(field("SigCgt:"), "0000000000000000");
        let base = keeper.host.id_base.to_string();
        assert_eq!(field("Uid:"), base);
        assert!(read("uid_map").split_whitespace().eq(["0", base.as_str(), "65536"]));

        // Its own root can neither end it nor look into it.
        let script = "kill -9 1; kill -TERM 1; cat /proc/1/environ /proc/1/maps /proc/1/mem; ls /proc/1/fd; readlink /proc/1/exe; \
            echo $(ps -o pid,comm | head -n 2 | tail -n 1)";
        let process = spec::process(&["sh", "-c", script]);
        let exec = keeper.exec("workstation", init, &spec::workstation(), &process, Io::default()).unwrap();
        assert_eq!(exec.output().stdout, "1 init\n");
        kill_process(Pid::from_raw(init).unwrap(), Signal::CONT).unwrap();
    });
}

#[test]
fn a_host_without_a_workstation_is_empty() {
    as_keeper("empty", |keeper| {
        let cgroup = format!("{}/empty", keeper.host.cgroup);
        runtime::cgroup::create(&cgroup, &Limits::default()).unwrap();
        let spec = spec::workstation();
        let new = HostInit {
            id_base: keeper.host.id_base + 65_536,
            cgroup: &cgroup,
            spec: &spec,
            rootfs: &Rootfs::Empty,
            engine_socket: Some("/run/docker.sock".as_ref()),
        };
        let building = fork_host_init(&new).unwrap();
        let init = match runtime::wire::receive(&building.channel).unwrap() {
            Some((BuildMessage::Ready { pid, engine_socket: true, .. }, _)) => pid,
            other => panic!("{other:?}"),
        };
        let names = fs::read_dir(format!("/proc/{init}/root")).unwrap().map(|entry| entry.unwrap().file_name());
        let names: std::collections::BTreeSet<_> = names.collect();
        assert!(names.iter().eq(["dev", "proc", "run", "sys"]), "{names:?}");
        kill_process(Pid::from_raw(init).unwrap(), Signal::KILL).unwrap();
        assert_eq!((support::reap(building.builder), support::reap(init)), (0, 137));
        runtime::cgroup::remove(&cgroup).unwrap();
    });
}

#[test]
fn init_reaps_orphans() {
    as_keeper("orphans", |keeper| {
        let process = spec::process(&["sh", "-c", "(sleep 0.05 &) ; (sleep 0.05 &)"]);
        let exec = keeper.exec("workstation", keeper.host.init, &spec::workstation(), &process, Io::default()).unwrap();
        assert_eq!(exec.output().code, 0);
        let cgroup = keeper.cgroup("workstation");
        eventually(|| runtime::cgroup::processes(&cgroup).unwrap() == [keeper.host.init]);
    });
}

#[test]
fn everything_ends_with_the_keeper() {
    alone(|| {
        // A keeper that is killed: nobody but the kernel ends its host's processes.
        let (reader, writer) = nix::unistd::pipe().unwrap();
        let outcome = std::panic::catch_unwind(|| {
            as_keeper("death", |keeper| {
                let (_, running) = keeper.start(&spec::shell("sleep 600 & sleep 600"), Io::default()).unwrap();
                nix::unistd::write(&writer, &running.pid.to_ne_bytes()).unwrap();
                nix::unistd::write(&writer, &keeper.host.init.to_ne_bytes()).unwrap();
                kill_process(rustix::process::getpid(), Signal::KILL).unwrap();
            });
        });
        drop(writer);
        assert!(outcome.is_err(), "the keeper was killed");
        let mut pids = [[0; 4]; 2];
        for pid in &mut pids {
            assert_eq!(nix::unistd::read(&reader, pid), Ok(4));
        }
        for pid in pids.map(i32::from_ne_bytes) {
            let lives = || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
            eventually(|| !lives());
        }
    });
}

fn eventually(holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "it doesn't come true");
        std::thread::sleep(Duration::from_millis(10));
    }
}
