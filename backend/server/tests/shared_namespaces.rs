//! Namespaces that containers share: with each other, and with their virtual host.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::Engine;

fn run(engine: &Engine, options: &[&str], script: &str) -> common::Answer {
    engine.docker(&[&["run", "--rm"], options, &["busybox", "sh", "-c", script]].concat())
}

/// A container that is there for the others, with a file in its shared memory.
fn donor(engine: &Engine, name: &str, options: &[&str]) -> String {
    let command = ["busybox", "sh", "-c", "echo shared > /dev/shm/x; exec sleep 1000"];
    let id = engine.docker(&[&["run", "-d", "--name", name], options, &command].concat()).ok();
    common::eventually("it has written", || engine.docker(&["exec", name, "cat", "/dev/shm/x"]).code == 0);
    id
}

#[test]
fn a_container_joins_the_namespaces_of_another() {
    let engine = Engine::start();
    let id = donor(&engine, "donor", &["--ipc", "shareable"]);
    assert_eq!(run(&engine, &["--ipc", "container:donor"], "cat /dev/shm/x").ok(), "shared");
    assert!(run(&engine, &["--pid", "container:donor"], "ps -o args").ok().contains("sleep 1000"));
    let links = |options: &[&str]| run(&engine, options, "hostname; cat /etc/hostname; ip -4 -o addr show eth0").ok();
    let shown = links(&["--network", "container:donor"]);
    assert!(shown.starts_with(&format!("{0}\n{0}\n", &id[..12])) && shown.contains("172.17.0.2/16"), "{shown}");
    assert_ne!(run(&engine, &[], "cat /dev/shm/x").code, 0);

    // An exec is where the first process is.
    let all = ["--pid", "container:donor", "--ipc", "container:donor", "--network", "container:donor"];
    engine.docker(&[&["run", "-d", "--name", "guest"], &all[..], &["busybox", "sleep", "200"]].concat()).ok();
    let namespaces = "for n in pid ipc net uts mnt user cgroup; do readlink /proc/self/ns/$n; done";
    let of = |name: &str| engine.docker(&["exec", name, "sh", "-c", namespaces]).ok();
    let (host, guest) = (of("donor"), of("guest"));
    let same: Vec<bool> = host.lines().zip(guest.lines()).map(|(one, other)| one == other).collect();
    assert_eq!(same, [true, true, true, false, false, true, false]);
    assert_eq!(engine.docker(&["exec", "guest", "cat", "/dev/shm/x"]).ok(), "shared");
    let modes =
        "{{.HostConfig.PidMode}} {{.HostConfig.IpcMode}} {{.HostConfig.NetworkMode}} {{.NetworkSettings.Networks}}";
    let container = format!("container:{id}");
    let shown = engine.docker(&["inspect", "-f", modes, "guest"]).ok();
    assert_eq!(shown, format!("{container} {container} {container} map[]"));

    // Without a pid namespace of its own its processes end all the same, and the donor goes on.
    engine.docker(&["exec", "-d", "guest", "sleep", "300"]).ok();
    engine.docker(&["kill", "guest"]).ok();
    common::eventually("its processes have ended", || {
        !engine.docker(&["exec", "donor", "ps", "-o", "args"]).ok().contains("sleep 300")
    });
    engine.docker(&["rm", "guest"]).ok();
    assert_eq!(engine.docker(&["exec", "donor", "echo", "here"]).ok(), "here");
}

#[test]
fn what_cannot_be_joined_is_refused_in_dockers_words() {
    let engine = Engine::start();
    let id = donor(&engine, "donor", &[]);
    let idle = engine.docker(&["create", "--name", "idle", "busybox"]).ok();
    for (options, message) in [
        (&["--pid", "container:nope"][..], "No such container: nope".to_owned()),
        (&["--pid", "container:idle"], format!("failed to join PID namespace: container {idle} is not running")),
        (&["--ipc", "foo"], "invalid IPC mode: foo".to_owned()),
        (&["--ipc", "container:donor"], format!("failed to join IPC namespace: container {id}: non-shareable IPC")),
        (
            &["--network", "container:nope"],
            "joining network namespace of container: No such container: nope".to_owned(),
        ),
        (
            &["--network", "container:idle"],
            "cannot join network namespace of a non running container: container idle is created".to_owned(),
        ),
        (
            &["--network", "container:donor", "-p", "80:80"],
            "conflicting options: port publishing and the container type network mode".to_owned(),
        ),
        (
            &["--network", "container:donor", "--hostname", "x"],
            "conflicting options: hostname and the network mode".to_owned(),
        ),
        (&["--uts", "host", "--hostname", "x"], "conflicting options: hostname and the UTS mode".to_owned()),
        (
            &["--uts", "host", "--domainname", "x"],
            "sysctl \"kernel.domainname\" is not in a separate kernel namespace".to_owned(),
        ),
        (
            &["--network", "host", "--sysctl", "net.ipv4.ip_forward=1"],
            "sysctl \"net.ipv4.ip_forward\" not allowed in host network namespace".to_owned(),
        ),
        (
            &["--ipc", "host", "--sysctl", "kernel.msgmax=1"],
            "sysctl \"kernel.msgmax\" is not allowed in the hosts ipc namespace".to_owned(),
        ),
    ] {
        run(&engine, options, "true").fails_with(125, &message);
    }
}

#[test]
fn the_host_is_the_virtual_host_and_never_the_machine() {
    let engine = Engine::start();
    let options = [
        "--pid",
        "host",
        "--ipc",
        "host",
        "--uts",
        "host",
        "--network",
        "host",
        "--cgroupns",
        "host",
        "--userns",
        "host",
    ];
    let namespaces = "for n in pid ipc net uts mnt user cgroup; do readlink /proc/self/ns/$n; done";
    let inside = run(&engine, &options, namespaces).ok();
    let again = run(&engine, &options, namespaces).ok();
    let machines: Vec<String> = ["pid", "ipc", "net", "uts", "mnt", "user", "cgroup"]
        .map(|kind| std::fs::read_link(format!("/proc/self/ns/{kind}")).unwrap().display().to_string())
        .into();
    for ((one, other), machine) in inside.lines().zip(again.lines()).zip(&machines) {
        // The number of a mount namespace that has gone may be that of the next.
        assert!(one == other || one.starts_with("mnt"), "{one} {other}");
        assert_ne!(one, machine);
    }
    assert!(run(&engine, &["--network", "host"], "ip -o link").ok().contains("docker0"));
    // Its first process has nothing to give away, whatever rights one has.
    for attack in ["ls /proc/1/root/", "cat /proc/1/environ", "nsenter -t 1 -m true", "readlink /proc/1/exe"] {
        assert_ne!(run(&engine, &["--privileged", "--pid", "host"], attack).code, 0, "{attack}");
    }
    let seen = run(&engine, &["--privileged", "--pid", "host"], "ps -o comm").ok();
    assert_eq!(seen, "COMMAND\ninit\nps", "neither the engine nor its keeper is among them");
    assert!(run(&engine, &["--ipc", "none"], "ls /dev/shm").code != 0);
    let id = engine.docker(&["create", "--network", "host", "--pid", "host", "busybox"]).ok();
    let shown = engine.docker(&[
        "inspect",
        "-f",
        "{{.HostConfig.SecurityOpt}} {{.HostConfig.IpcMode}} {{.HostConfig.CgroupnsMode}}",
        &id,
    ]);
    assert_eq!(shown.ok(), "[label=disable] private private");
}
