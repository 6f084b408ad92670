//! Hosts that begin before somebody joins.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::eventually;
use common::workshop::Workshop;
use std::fs;

#[test]
fn who_joins_finds_a_host_that_has_begun_and_it_is_theirs() {
    let mut workshop = Workshop::start_with("# A deck\n", 2);
    eventually("two hosts are there, and nobody", || workshop.sockets().len() == 2);
    let ahead = workshop.sockets();
    workshop.join("Otto");
    let name = |socket| workshop.docker(socket, &["info", "--format", "{{.Name}}"]).out;
    eventually("one of them is Otto's", || ahead.iter().any(|socket| name(socket).trim() == "otto"));
    let otto = ahead.iter().find(|socket| name(socket).trim() == "otto").unwrap().clone();
    let run = workshop.docker(&otto, &["run", "--rm", "--uts", "host", "--network", "host", "busybox", "hostname"]);
    assert_eq!(run.ok(), "otto", "the kernel says so, too");
    let etc = otto.parent().and_then(|run| run.parent()).unwrap().join("etc");
    assert_eq!(fs::read_to_string(etc.join("hostname")).unwrap(), "otto\n");
    assert!(fs::read_to_string(etc.join("hosts")).unwrap().contains("127.0.1.1\totto\n"));
    workshop.docker(&otto, &["create", "--name", "mine", "busybox"]).ok();
    eventually("another begins in its place", || workshop.sockets().len() == 3);

    for signal in ["-KILL", "-TERM"] {
        let before = workshop.sockets();
        workshop.restart(signal);
        eventually("what nobody had has ended, and others have begun", || {
            let now = workshop.sockets();
            now.len() == 3 && now.intersection(&before).eq([&otto])
        });
        let found = workshop.docker(&otto, &["ps", "-a", "--format", "{{.Names}}"]).ok();
        assert_eq!(found, "mine", "Otto's host has gone on");
    }
}
