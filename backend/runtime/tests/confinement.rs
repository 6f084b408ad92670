//! A container's processes are confined, and an exec exactly as the init.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use oci_spec::runtime::{Capability, PosixRlimitBuilder, PosixRlimitType, Spec, UserBuilder};
use runtime::defaults;
use runtime::process::Io;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;
use support::status::confinement;
use support::{Keeper, as_keeper, reap, spec};

#[test]
fn exec_is_confined_as_init_is() {
    as_keeper("same", |keeper| {
        let found = compare(keeper, &spec::container(&["sleep", "600"]));
        let expected = [
            ("Uid", ids(keeper, 0)),
            ("Gid", ids(keeper, 0)),
            ("CapInh", "0000000000000000".into()),
            ("CapPrm", "00000000a80425fb".into()),
            ("CapEff", "00000000a80425fb".into()),
            ("CapBnd", "00000000a80425fb".into()),
            ("CapAmb", "0000000000000000".into()),
            ("NoNewPrivs", "0".into()),
            ("Seccomp", "2".into()),
            ("NStgid", "3".into()),
            ("SigIgn", "0000000000000000".into()),
            ("SigBlk", "0000000000000000".into()),
        ];
        for (field, value) in expected {
            assert_eq!(found.get(field), Some(&value), "{field}");
        }
        for kind in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
            let ours = std::fs::read_link(format!("/proc/self/ns/{kind}")).unwrap();
            assert_ne!(found.get(&format!("ns/{kind}")), Some(&ours.display().to_string()), "{kind} is the machine's");
        }
    });
}

#[test]
fn a_user_without_privileges_stays_one() {
    as_keeper("user", |keeper| {
        let mut spec = spec::container(&["sleep", "600"]);
        let process = spec.process_mut().as_mut().unwrap();
        process.set_user(
            UserBuilder::default().uid(1000u32).gid(1001u32).additional_gids([5, 7]).umask(0o77u32).build().unwrap(),
        );
        process.set_no_new_privileges(Some(true));
        let limit =
            PosixRlimitBuilder::default().typ(PosixRlimitType::RlimitNofile).soft(100u64).hard(200u64).build().unwrap();
        process.set_rlimits(Some(vec![limit]));
        process.set_oom_score_adj(Some(500));
        let found = compare(keeper, &spec);
        let base = keeper.host.id_base;
        let expected = [
            ("Uid", ids(keeper, 1000)),
            ("Gid", ids(keeper, 1001)),
            ("Groups", format!("{} {}", base + 5, base + 7)),
            ("Umask", "0077".into()),
            ("CapPrm", "0000000000000000".into()),
            ("CapEff", "0000000000000000".into()),
            ("CapBnd", "00000000a80425fb".into()),
            ("NoNewPrivs", "1".into()),
            ("Seccomp", "2".into()),
            ("oom_score_adj", "500\n".into()),
        ];
        for (field, value) in expected {
            assert_eq!(found.get(field), Some(&value), "{field}");
        }
        let limits = found.get("limits").unwrap();
        let open_files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        assert_eq!(open_files.split_whitespace().collect::<Vec<_>>()[3..5], ["100", "200"]);
    });
}

#[test]
fn without_capabilities_root_has_none() {
    as_keeper("none", |keeper| {
        let mut spec = spec::container(&["sleep", "600"]);
        spec.process_mut().as_mut().unwrap().set_capabilities(None);
        let found = compare(keeper, &spec);
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(found.get(set).unwrap(), "0000000000000000", "{set}");
        }
    });
}

#[test]
fn a_privileged_exec_is_in_a_privileged_container() {
    as_keeper("privileged", |keeper| {
        let mut spec = spec::container(&["sleep", "600"]);
        give(&mut spec, &defaults::ALL_CAPABILITIES);
        let linux = spec.linux_mut().as_mut().unwrap();
        linux.set_seccomp(None).set_masked_paths(None).set_readonly_paths(None);
        let found = compare(keeper, &spec);
        // The machine's own count: none that the kernel knows is left out, and all are the virtual host's.
        let last: u32 = std::fs::read_to_string("/proc/sys/kernel/cap_last_cap").unwrap().trim().parse().unwrap();
        let all = format!("{:016x}", (1u64 << (last + 1)) - 1);
        for set in ["CapPrm", "CapEff", "CapBnd"] {
            assert_eq!(found.get(set), Some(&all), "{set}");
        }
        assert_eq!(found.get("Uid"), Some(&ids(keeper, 0)));
        assert_eq!(found.get("Seccomp").unwrap(), "2", "what the runtime never lets through it doesn't here either");
    });
}

#[test]
fn capabilities_of_ones_own_are_an_execs_too() {
    as_keeper("own-caps", |keeper| {
        let mut spec = spec::container(&["sleep", "600"]);
        give(&mut spec, &[Capability::NetAdmin, Capability::Kill]);
        let found = compare(keeper, &spec);
        for set in ["CapPrm", "CapEff", "CapBnd"] {
            // Bits 12 and 5.
            assert_eq!(found.get(set).unwrap(), "0000000000001020", "{set}");
        }
    });
}

#[test]
fn a_profile_of_ones_own_holds_for_execs_and_so_does_a_read_only_root() {
    as_keeper("own-profile", |keeper| {
        let mut spec = spec::container(&["sleep", "600"]);
        let profile = r#"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
            "syscalls": [{"names": ["chmod", "fchmodat", "fchmodat2"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}"#;
        spec.linux_mut().as_mut().unwrap().set_seccomp(Some(serde_json::from_str(profile).unwrap()));
        spec.root_mut().as_mut().unwrap().set_readonly(Some(true));
        spec.process_mut().as_mut().unwrap().set_no_new_privileges(Some(true));
        let found = compare(keeper, &spec);
        assert_eq!((found["Seccomp"].as_str(), found["NoNewPrivs"].as_str()), ("2", "1"));

        let script = "chmod 700 /dev/shm; touch /here; true";
        let refused = |err: &str| err.contains("No space left on device") && err.contains("Read-only file system");
        let by_init = keeper.run(&with_command(&spec, script)).unwrap();
        assert!(refused(&by_init.stderr), "{by_init:?}");
        let (id, running) = keeper.start(&spec, Io::default()).unwrap();
        let process = with_command(&spec, script).process().clone().unwrap();
        let by_exec = keeper.exec(&id, running.pid, &spec, &process, Io::default()).unwrap().output();
        assert!(refused(&by_exec.stderr), "{by_exec:?}");
        keeper.remove(&id, running);
    });
}

#[test]
fn inheritable_and_ambient_stay_empty() {
    as_keeper("inheritable", |keeper| {
        let mut spec = spec::container(&["sleep", "600"]);
        let process = spec.process_mut().as_mut().unwrap();
        let mut sets = process.capabilities().clone().unwrap();
        sets.set_inheritable(Some(HashSet::from([Capability::NetRaw])));
        sets.set_ambient(Some(HashSet::from([Capability::NetRaw])));
        process.set_capabilities(Some(sets));
        let found = compare(keeper, &spec);
        assert_eq!(found.get("CapInh").unwrap(), "0000000000000000");
        assert_eq!(found.get("CapAmb").unwrap(), "0000000000000000");
    });
}

fn give(spec: &mut Spec, capabilities: &[Capability]) {
    let process = spec.process_mut().as_mut().unwrap();
    let set: HashSet<_> = capabilities.iter().copied().collect();
    let mut sets = process.capabilities().clone().unwrap();
    sets.set_bounding(Some(set.clone())).set_effective(Some(set.clone())).set_permitted(Some(set));
    process.set_capabilities(Some(sets));
}

fn with_command(spec: &Spec, script: &str) -> Spec {
    let mut spec = spec.clone();
    spec.process_mut().as_mut().unwrap().set_args(Some(["sh", "-c", script].map(str::to_owned).to_vec()));
    spec
}

/// Runs a container and an exec of the same process, compares them field by field, and answers the fields.
fn compare(keeper: &mut Keeper, spec: &Spec) -> BTreeMap<String, String> {
    let (id, running) = keeper.start(spec, Io::default()).unwrap();
    let process = spec.process().as_ref().unwrap();
    let exec = keeper.exec(&id, running.pid, spec, process, Io::default()).unwrap();
    let (of_init, of_exec) = (settled(running.pid), settled(exec.pid));
    for (field, value) in &of_init {
        assert_eq!(of_exec.get(field), Some(value), "{field} of the exec differs from that of init");
    }
    assert_eq!(of_init.len(), of_exec.len());
    running.kill();
    assert_eq!(exec.output().code, 137, "the kernel kills an exec with its container");
    reap(running.pid);
    runtime::cgroup::remove(&keeper.cgroup(&id)).unwrap();
    of_init
}

/// The command sets up its own signal handlers and the like first.
fn settled(pid: i32) -> BTreeMap<String, String> {
    let mut before = confinement(pid);
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let now = confinement(pid);
        if now == before {
            return now;
        }
        before = now;
    }
}

fn ids(keeper: &Keeper, id: u32) -> String {
    let id = (keeper.host.id_base + id).to_string();
    [id.as_str(); 4].join("\t")
}
