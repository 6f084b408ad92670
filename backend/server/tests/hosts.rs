//! A whole workshop at once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::eventually;
use common::workshop::Workshop;
use std::fs;
use std::path::PathBuf;

const HOSTS: usize = 30;

#[test]
fn thirty_hosts_begin_and_run_containers_at_once() {
    let workshop = Workshop::start("# A deck\n");
    let stored =
        || ["layers", "blobs"].map(|name| fs::read_dir(workshop.engine.dir.join("data").join(name)).unwrap().count());
    let before = stored();
    std::thread::scope(|scope| {
        for number in 0..HOSTS {
            let workshop = &workshop;
            scope.spawn(move || workshop.join(&format!("learner {number}")));
        }
    });
    eventually("all hosts are there", || workshop.sockets().len() == HOSTS);
    let docker = |socket: &PathBuf, args: &[&str]| workshop.docker(socket, args).ok();
    let (docker, sockets) = (&docker, &workshop.sockets());
    std::thread::scope(|scope| {
        for socket in sockets {
            scope.spawn(move || {
                assert_eq!(docker(socket, &["run", "--rm", "busybox", "hostname", "-i"]), "172.17.0.2");
                docker(socket, &["run", "-d", "--name", "web", "busybox", "sleep", "1000"]);
                assert_eq!(docker(socket, &["exec", "web", "echo", "mine"]), "mine");
                assert_eq!(docker(socket, &["ps", "-a", "--format", "{{.Names}}"]), "web", "nobody else's");
                docker(socket, &["rm", "-f", "web"]);
                assert_eq!(docker(socket, &["ps", "-aq"]), "");
                assert!(docker(socket, &["images", "-q"]).lines().count() > 1);
            });
        }
    });
    assert_eq!(stored(), before, "what all have is there once");
}

#[test]
fn what_one_learner_pushes_another_pulls() {
    let workshop = Workshop::start("# A deck\n");
    workshop.join("Ada");
    workshop.join("Ben");
    eventually("both hosts are there", || workshop.sockets().len() == 2);
    let sockets: Vec<PathBuf> = workshop.sockets().into_iter().collect();
    let (ada, ben) =
        (|args: &[&str]| workshop.docker(&sockets[0], args), |args: &[&str]| workshop.docker(&sockets[1], args));

    ada(&["run", "--name", "change", "busybox", "sh", "-c", "echo ahoy >/greeting"]).ok();
    ada(&["commit", "change", "hub.hafen/ada/app:1"]).ok();
    let pushed = ada(&["push", "hub.hafen/ada/app:1"]).ok();
    assert!(pushed.contains(": Pushed"), "{pushed}");
    assert_eq!(ben(&["run", "--rm", "hub.hafen/ada/app:1", "cat", "/greeting"]).ok(), "ahoy");
    let id = ["image", "inspect", "--format", "{{.Id}} {{.RepoDigests}}", "hub.hafen/ada/app:1"];
    assert_eq!(ben(&id).ok(), ada(&id).ok());
    ben(&["push", "hub.hafen/library/app:1"]).fails_with(1, "does not exist locally with the tag");
    ben(&["pull", "hub.hafen/ada/app:2"]).fails_with(1, "not found");

    // Other clients find it by its name: in a container, in the host's own network, and in the workstation.
    let catalogue = r#"{"repositories":["ada/app"]}"#;
    let get = ["wget", "-qO-", "http://hub.hafen/v2/_catalog"];
    let run = |options: &[&'static str]| [&["run", "--rm"], options, &["busybox"], &get].concat();
    eventually("the registry is in the host's network", || ben(&run(&[])).code == 0);
    assert_eq!(ben(&run(&[])).ok(), catalogue);
    assert_eq!(ben(&run(&["--network", "host"])).ok(), catalogue);
    let hosts = sockets[1].parent().unwrap().parent().unwrap().join("etc/hosts");
    assert!(fs::read_to_string(hosts).unwrap().ends_with("169.254.75.1\thub.hafen\n"));
    ben(&run(&["--network", "none"])).fails_with(1, "bad address 'hub.hafen'");
}
