//! What a container may use, and what a virtual host may.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use oci_spec::runtime::{LinuxMemoryBuilder, LinuxPidsBuilder, LinuxResources, LinuxResourcesBuilder, Spec};
use runtime::cgroup;
use runtime::failure::FailureKind;
use runtime::process::Io;
use support::{as_keeper, spec};

const MIB: i64 = 1 << 20;

#[test]
fn too_much_memory_kills() {
    as_keeper("memory", |keeper| {
        let memory = LinuxMemoryBuilder::default().limit(16 * MIB).swap(16 * MIB).build().unwrap();
        let limited = limited(
            "dd if=/dev/zero of=/dev/shm/x bs=1M count=12; dd if=/dev/zero of=/dev/null bs=64M count=1",
            |it| {
                it.set_memory(Some(memory));
            },
        );
        let (id, running) = keeper.start(&limited, Io::default()).unwrap();
        let output = running.output();
        assert_eq!(output.code, 137, "{output:?}");
        assert!(cgroup::oom_killed(&keeper.cgroup(&id)).unwrap());
        cgroup::remove(&keeper.cgroup(&id)).unwrap();
    });
}

#[test]
fn too_many_processes_are_not_made() {
    as_keeper("pids", |keeper| {
        let pids = LinuxPidsBuilder::default().limit(8).build().unwrap();
        let limited = limited("for i in $(seq 20); do sleep 1 & done; wait; echo all", |it| {
            it.set_pids(Some(pids));
        });
        let output = keeper.run(&limited).unwrap();
        assert!(output.stderr.contains("can't fork") && !output.stdout.contains("all"), "{output:?}");
    });
}

#[test]
fn a_limit_that_cannot_be_kept_is_an_error() {
    as_keeper("refused", |keeper| {
        let small = LinuxMemoryBuilder::default().limit(16 * MIB).swap(8 * MIB).build().unwrap();
        let wanted = limited("true", |it| {
            it.set_memory(Some(small));
        });
        let failure = keeper.run(&wanted).map(|_| ()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        let nowhere = oci_spec::runtime::LinuxCpuBuilder::default().cpus("4000").build().unwrap();
        let wanted = limited("true", |it| {
            it.set_cpu(Some(nowhere));
        });
        let failure = keeper.run(&wanted).map(|_| ()).unwrap_err();
        assert!(failure.message.contains("cpuset.cpus"), "{failure:?}");
    });
}

/// The shell's last command, so that it is the container's init that is killed.
fn limited(script: &str, limit: impl FnOnce(&mut LinuxResources)) -> Spec {
    let (before, last) = script.rsplit_once("; ").unwrap_or(("true", script));
    let mut spec = spec::shell(&format!("{before}; exec {last}"));
    let mut resources = LinuxResourcesBuilder::default().build().unwrap();
    limit(&mut resources);
    spec.linux_mut().as_mut().unwrap().set_resources(Some(resources));
    spec
}
