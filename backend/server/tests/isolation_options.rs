//! The options of `create`, `run` and `exec` that decide how far a container is set apart.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::Engine;

/// Runs a shell's script in a new container.
fn run(engine: &Engine, options: &[&str], script: &str) -> common::Answer {
    engine.docker(&[&["run", "--rm"], options, &["busybox", "sh", "-c", script]].concat())
}

const CAPABILITIES: &str = "grep CapEff /proc/self/status | cut -f2";

#[test]
fn capabilities_are_added_and_dropped_as_in_docker() {
    let engine = Engine::start();
    let effective = |options: &[&str]| run(&engine, options, CAPABILITIES).ok();
    assert_eq!(effective(&[]), "00000000a80425fb");
    assert_eq!(effective(&["--cap-drop", "ALL", "--cap-add", "chown"]), "0000000000000001");
    assert_eq!(effective(&["--cap-add", "ALL", "--cap-drop", "CAP_CHOWN"]), "000001fffffffffe");
    assert_eq!(effective(&["--cap-add", "SYS_ADMIN", "--user", "1000"]), "0000000000000000");
    engine
        .docker(&["create", "--cap-add", "nope", "busybox"])
        .fails_with(1, "invalid CapAdd: unknown capability: \"CAP_NOPE\"");
    // What a capability is for, the filter of system calls lets through.
    run(&engine, &[], "mount -t tmpfs x /tmp").fails_with(1, "permission denied");
    run(&engine, &["--cap-add", "SYS_ADMIN"], "mount -t tmpfs x /tmp && mount | grep ' /tmp '").ok();
    let id = engine.docker(&["create", "--cap-add", "CAP_NET_ADMIN", "--cap-drop", "ALL", "busybox"]).ok();
    let shown = engine.docker(&["inspect", "-f", "{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}}", &id]).ok();
    assert_eq!(shown, "[CAP_NET_ADMIN] [ALL]");
}

#[test]
fn a_filter_of_ones_own_holds_for_execs_too_and_never_opens_more_than_the_floor() {
    let engine = Engine::start();
    let profile = engine.dir.join("no-chmod.json");
    let text = r#"{"defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{"names": ["chmod", "fchmodat", "fchmodat2"], "action": "SCMP_ACT_ERRNO"}]}"#;
    std::fs::write(&profile, text).unwrap();
    let option = format!("seccomp={}", profile.display());
    engine.docker(&["run", "-d", "--name", "own", "--security-opt", &option, "busybox", "sleep", "1000"]).ok();
    engine.docker(&["exec", "own", "chmod", "700", "/tmp"]).fails_with(1, "Operation not permitted");
    engine.docker(&["exec", "own", "unshare", "-U", "true"]).ok();
    run(&engine, &["--security-opt", "seccomp=unconfined"], "chmod 700 /tmp; unshare -U true").ok();
    // The machine's log is nobody's here, whatever the filter.
    for options in [&["--security-opt", "seccomp=unconfined"][..], &["--privileged"], &["--security-opt", &option]] {
        run(&engine, options, "dmesg").fails_with(1, "Operation not permitted");
    }
    std::fs::write(&profile, r#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "names": ["b"]}]}"#)
        .unwrap();
    run(&engine, &["--security-opt", &option], "true").fails_with(125, "both 'name' and 'names' are specified");
}

#[test]
fn security_options_are_taken_or_refused_in_dockers_words() {
    let engine = Engine::start();
    let no_new_privileges = "grep NoNewPrivs /proc/self/status | cut -f2";
    for (option, expected) in
        [("no-new-privileges", "1"), ("no-new-privileges:false", "0"), ("apparmor=unconfined", "0")]
    {
        assert_eq!(run(&engine, &["--security-opt", option], no_new_privileges).ok(), expected, "{option}");
    }
    run(&engine, &["--security-opt", "foo=bar"], "true").fails_with(125, "invalid --security-opt 2: \"foo=bar\"");
    run(&engine, &["--security-opt", "writable-cgroups=true"], "true").fails_with(125, "read-only");
    let groups = run(&engine, &["-u", "5:6", "--group-add", "7", "--group-add", "6", "--group-add", "7"], "id -G");
    assert_eq!(groups.ok(), "6 7");
    assert!(run(&engine, &["--group-add", "7", "--group-add", "adm"], "id").out.contains("7"));
    run(&engine, &["--group-add", "nope"], "true")
        .fails_with(125, "unable to find group nope: no matching entries in group file");
    // Covered by default: an empty directory.
    assert_eq!(run(&engine, &[], "ls /sys/firmware | wc -l").ok(), "0");
    let id = engine.docker(&["create", "--security-opt", "systempaths=unconfined", "busybox"]).ok();
    let shown = engine.docker(&["inspect", "-f", "{{.HostConfig.MaskedPaths}} {{.HostConfig.ReadonlyPaths}}", &id]);
    assert_eq!(shown.ok(), "[] []");
}

#[test]
fn privileged_is_everything_within_the_virtual_host_and_nothing_of_the_machine() {
    let engine = Engine::start();
    let inside = |script: &str| run(&engine, &["--privileged"], script);
    assert_eq!(inside(CAPABILITIES).ok(), "000001ffffffffff");
    inside("mount -t tmpfs x /tmp && hostname other").ok();
    // Nothing of the machine: neither its devices nor its settings, its processes, its limits.
    let devices = inside("find /dev -type b -o -type c | sort | tr '\\n' ' '").ok();
    assert_eq!(
        devices,
        "/dev/full /dev/null /dev/ptmx /dev/pts/ptmx /dev/random /dev/tty /dev/urandom /dev/zero"
            .replace("/dev/ptmx ", "")
    );
    for attack in [
        "mknod /x b 8 0",
        "mknod /x c 1 1",
        "echo 1 > /proc/sys/kernel/panic",
        "echo h > /proc/sysrq-trigger",
        "cat /proc/kcore",
        "mkdir /c && mount -t cgroup -o memory x /c && echo 1 > /c/memory.limit_in_bytes",
        "mkdir /c && mount -t cgroup2 x /c && echo 1 > /c/cgroup.freeze",
        "mount -o remount,rw /sys/fs/cgroup/pids && echo max > /sys/fs/cgroup/pids/pids.max",
        "mount -o remount,rw /sys/fs/cgroup && echo max > /sys/fs/cgroup/pids.max",
        "mount -t ext4 /dev/sda1 /tmp",
        "mount -t devtmpfs x /tmp && cat /tmp/mem",
        "date -s 2000-01-01; test $(date +%Y) = 2000",
        "swapoff -a; insmod /x.ko",
    ] {
        assert_ne!(inside(attack).code, 0, "{attack}");
    }
    let id = engine.docker(&["run", "-d", "busybox", "sleep", "1000"]).ok();
    let exec = |options: &[&str]| engine.docker(&[&["exec"], options, &[&id, "sh", "-c", CAPABILITIES]].concat()).ok();
    assert_eq!(exec(&[]), "00000000a80425fb");
    assert_eq!(exec(&["--privileged"]), "000001ffffffffff");
}

#[test]
fn a_policy_refuses_what_opens_the_kernel_and_says_why() {
    let engine = Engine::start_with(&["--no-privileged"]);
    for option in [
        &["--privileged"][..],
        &["--cap-add", "SYS_ADMIN"],
        &["--cap-add", "ALL"],
        &["--security-opt", "seccomp=unconfined"],
        &["--security-opt", "systempaths=unconfined"],
    ] {
        let answer = run(&engine, option, "true");
        answer.fails_with(125, "is switched off here: such a container reaches far more of the kernel");
    }
    run(&engine, &["--cap-add", "SYS_NICE"], "true").ok();
    let id = engine.docker(&["run", "-d", "busybox", "sleep", "1000"]).ok();
    engine.docker(&["exec", "--privileged", &id, "true"]).fails_with(1, "exec --privileged is switched off here");
}

#[test]
fn file_systems_in_memory_are_as_asked_for() {
    let engine = Engine::start();
    let mounted = |options: &[&str], path: &str| {
        run(&engine, options, &format!("grep ' {path} ' /proc/mounts; stat -c '%a %u' {path}")).ok()
    };
    let default = mounted(&["--tmpfs", "/x"], "/x");
    assert!(
        default.starts_with("tmpfs /x tmpfs rw,nosuid,nodev,noexec,") && default.ends_with("\n1777 0"),
        "{default}"
    );
    let own = mounted(&["--tmpfs", "/x:size=1m,mode=700,uid=5,exec"], "/x");
    assert!(own.contains("rw,nosuid,nodev,relatime,size=1024k,mode=700") && own.ends_with("\n700 5"), "{own}");
    assert!(mounted(&["--tmpfs", "/etc"], "/etc").ends_with("\n755 0"), "the mode of what it covers");
    assert!(mounted(&["--tmpfs", "/x:ro"], "/x").contains(" ro,"));
    assert!(mounted(&["--shm-size", "1m"], "/dev/shm").contains("size=1024k"));
    run(&engine, &["--tmpfs", "/x:foo"], "true").fails_with(125, "invalid tmpfs option \"foo\"");
    run(&engine, &["--tmpfs", "x"], "true").fails_with(125, "invalid mount path: 'x' mount path must be absolute");
    run(&engine, &["--tmpfs", "/"], "true").fails_with(125, "invalid specification: destination can't be '/'");
    run(&engine, &["--read-only", "--tmpfs", "/x"], "echo > /x/y && ! echo > /y").ok();
    let full = run(&engine, &["--tmpfs", "/x:size=1m"], "dd if=/dev/zero of=/x/y bs=1M count=2");
    assert!(full.err.contains("No space left on device"), "{full:?}");
}

#[test]
fn kernel_parameters_and_devices_are_the_containers_own_only() {
    let engine = Engine::start();
    let forward = run(
        &engine,
        &["--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "net.core.somaxconn=77"],
        "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/core/somaxconn",
    );
    assert_eq!(forward.ok(), "1\n77");
    let create = |host_config: &str| {
        let body = format!("{{\"Image\":\"busybox\",\"HostConfig\":{host_config}}}");
        let answer = engine.raw(
            format!("POST /v1.51/containers/create?name=raw HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes(),
        );
        assert!(answer.contains(" 201 "), "{answer}");
        let started = engine.docker(&["start", "raw"]);
        engine.docker(&["rm", "-f", "raw"]).ok();
        started
    };
    create(r#"{"Sysctls": {"kernel.panic": "1"}}"#)
        .fails_with(1, "sysctl \"kernel.panic\" is not in a separate kernel namespace");
    create(r#"{"Devices": [{"PathOnHost": "/dev/kvm"}]}"#)
        .fails_with(1, "error gathering device information while adding custom device \"/dev/kvm\"");
    assert_eq!(run(&engine, &["--device", "/dev/zero:/dev/x"], "head -c 3 /dev/x | wc -c").ok(), "3");
    run(&engine, &["--device-cgroup-rule", "c 1:3 rwm"], "true").fails_with(125, "--device-cgroup-rule is refused");
    let id =
        engine.docker(&["create", "--annotation", "a=b", "--tmpfs", "/x:size=1m", "--shm-size", "2m", "busybox"]).ok();
    let shown = engine.docker(&[
        "inspect",
        "-f",
        "{{.HostConfig.Annotations}} {{.HostConfig.Tmpfs}} {{.HostConfig.ShmSize}}",
        &id,
    ]);
    assert_eq!(shown.ok(), "map[a:b] map[/x:size=1m] 2097152");
}

#[test]
fn an_init_reaps_hands_on_signals_and_ends_as_the_command_does() {
    let engine = Engine::start();
    assert_eq!(run(&engine, &["--init"], "cat /proc/1/comm; exit 7").out, "docker-init\n");
    assert_eq!(run(&engine, &["--init"], "exit 7").code, 7);
    engine.docker(&["run", "--rm", "--init", "busybox", "nope"]).fails_with(127, "");
    let script = "trap 'exit 9' TERM; sh -c 'sleep 0.1 & exec true'; echo up; while :; do sleep 0.1; done";
    engine.docker(&["run", "-d", "--name", "inited", "--init", "busybox", "sh", "-c", script]).ok();
    common::eventually("it has its trap", || engine.docker(&["logs", "inited"]).out.contains("up"));
    let orphans = || engine.docker(&["exec", "inited", "sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status"]).out;
    common::eventually("orphans are reaped", || orphans().is_empty());
    let shown = engine.docker(&["inspect", "-f", "{{.Path}} {{.HostConfig.Init}}", "inited"]).ok();
    assert_eq!(shown, "sh true");
    engine.docker(&["stop", "inited"]).ok();
    assert_eq!(engine.docker(&["wait", "inited"]).ok(), "9");
    // It is the engine's, for all: whoever has all rights can't change it either.
    let attack = "mount -o remount,rw,bind /sbin/docker-init; echo > /sbin/docker-init";
    assert_ne!(run(&engine, &["--init", "--privileged"], attack).code, 0);
    assert_eq!(run(&engine, &["--init"], "echo still").ok(), "still");
}
