//! Containers in namespaces of another one: what the kernel says of their first processes and of execs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use oci_spec::runtime::{LinuxNamespaceType, Spec};
use runtime::process::Io;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::os::fd::OwnedFd;
use support::status::confinement;
use support::{Keeper, Running, as_keeper, reap, spec};

const KINDS: [(LinuxNamespaceType, &str); 4] = [
    (LinuxNamespaceType::Pid, "ns/pid"),
    (LinuxNamespaceType::Ipc, "ns/ipc"),
    (LinuxNamespaceType::Uts, "ns/uts"),
    (LinuxNamespaceType::Network, "ns/net"),
];

#[test]
fn each_namespace_can_be_another_containers() {
    as_keeper("joined", |keeper| {
        let (donor_id, donor) = keeper.start(&spec::container(&["sleep", "600"]), Io::default()).unwrap();
        let of_donor = confinement(donor.pid);
        for (kind, name) in KINDS {
            let spec = without(&[kind]);
            let (id, guest) = start_in(keeper, &spec, &[kind], donor.pid);
            let process = spec.process().as_ref().unwrap();
            let exec = keeper.exec(&id, guest.pid, &spec, process, Io::default()).unwrap();
            let (of_init, of_exec) = (confinement(guest.pid), confinement(exec.pid));
            for field in ["ns/pid", "ns/ipc", "ns/uts", "ns/net", "ns/mnt", "ns/cgroup"] {
                assert_eq!(of_init[field] == of_donor[field], field == name, "{field} of a guest that joined {kind}");
            }
            for field in
                ["Uid", "CapEff", "CapBnd", "Seccomp", "Seccomp_filters", "NStgid", "cgroup", "root", "ns/user"]
            {
                assert_eq!(of_init[field], of_exec[field], "{field} of the exec differs, having joined {kind}");
            }
            for field in of_init.keys().filter(|field| field.starts_with("ns/")) {
                assert_eq!(of_init[field], of_exec[field], "{field} of the exec differs, having joined {kind}");
            }
            exec.kill();
            reap(exec.pid);
            keeper.remove(&id, guest);
            assert_eq!(confinement(donor.pid)["ns/pid"], of_donor["ns/pid"], "the donor goes on");
        }
        keeper.remove(&donor_id, donor);
    });
}

#[test]
fn shared_memory_comes_with_the_ipc_namespace() {
    as_keeper("shm", |keeper| {
        let ready = "echo shared > /dev/shm/x; echo ready; exec sleep 600";
        let (donor_id, donor) = keeper.start(&spec::shell(ready), Io::default()).unwrap();
        let seen = std::path::PathBuf::from(format!("/proc/{}/root/dev/shm/x", donor.pid));
        while !std::fs::read(&seen).is_ok_and(|text| !text.is_empty()) {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let mut spec = without(&[LinuxNamespaceType::Ipc]);
        let command = |script: &str| Some(["sh", "-c", script].map(str::to_owned).to_vec());
        spec.process_mut().as_mut().unwrap().set_args(command("cat /dev/shm/x; echo back > /dev/shm/y"));
        let (id, guest) = start_in(keeper, &spec, &[LinuxNamespaceType::Ipc], donor.pid);
        let output = guest.output();
        assert_eq!((output.code, output.stdout.as_str()), (0, "shared\n"), "{output:?}");
        runtime::cgroup::remove(&keeper.cgroup(&id)).unwrap();
        let mut process = spec.process().clone().unwrap();
        process.set_args(command("cat /dev/shm/y"));
        let donors = spec::container(&["true"]);
        let back = keeper.exec(&donor_id, donor.pid, &donors, &process, Io::default()).unwrap().output();
        assert_eq!(back.stdout, "back\n", "{back:?}");
        keeper.remove(&donor_id, donor);
    });
}

/// A container that has none of these for itself.
fn without(kinds: &[LinuxNamespaceType]) -> Spec {
    let mut spec = spec::container(&["sleep", "600"]);
    if kinds.contains(&LinuxNamespaceType::Uts) {
        spec.set_hostname(None);
    }
    let linux = spec.linux_mut().as_mut().unwrap();
    let mut namespaces = linux.namespaces().clone().unwrap();
    namespaces.retain(|namespace| !kinds.contains(&namespace.typ()));
    linux.set_namespaces(Some(namespaces));
    spec
}

fn start_in(keeper: &mut Keeper, spec: &Spec, kinds: &[LinuxNamespaceType], donor: i32) -> (String, Running) {
    let pidfd = |kind: &LinuxNamespaceType| -> (LinuxNamespaceType, OwnedFd) {
        (*kind, pidfd_open(Pid::from_raw(donor).unwrap(), PidfdFlags::empty()).unwrap())
    };
    let join: Vec<_> = kinds.iter().map(pidfd).collect();
    let (id, running) = keeper.create_in(spec, Io::default(), &join).unwrap();
    running.start().unwrap();
    (id, running)
}
