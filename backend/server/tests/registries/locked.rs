//! A registry that wants to know who somebody is.

use crate::common::Engine;
use crate::registry::{PASSWORD, Registry, USER};
use std::process::Command;

#[test]
fn who_has_logged_in_may_push_and_pull() {
    let engine = Engine::start();
    let registry = Registry::start_locked(&engine.dir);
    let _way = registry.at(engine.inside(), 5000);
    let name = "localhost:5000/secret";
    let login = |password: &str| {
        engine.docker_with_input(&["login", "-u", USER, "--password-stdin", "localhost:5000"], password)
    };
    engine.docker(&["tag", "busybox", name]).ok();
    engine.docker(&["push", name]).fails_with(1, "no basic auth credentials");
    login("wrong").fails_with(1, "login attempt to http://localhost:5000/v2/ failed with status: 401 Unauthorized");
    engine.docker(&["push", name]).fails_with(1, "no basic auth credentials");
    assert!(login(PASSWORD).ok().contains("Login Succeeded"));
    engine.docker(&["push", name]).ok();
    engine.docker(&["rmi", name]).ok();
    engine.docker(&["pull", name]).ok();
    engine.docker(&["logout", "localhost:5000"]).ok();
    engine.docker(&["pull", name]).fails_with(1, "no basic auth credentials");

    // Neither on the disk, nor in what the engine says of itself.
    let encoded = "YWRhOmdlaGVpbQ";
    for secret in [PASSWORD, encoded] {
        let found = Command::new("grep")
            .args(["-rlaF", "--", secret])
            .arg(engine.dir.join("data/lernhafen.db"))
            .arg(engine.dir.join("data/hosts"))
            .arg(engine.dir.join("run"))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&found.stdout), "", "{secret}");
    }
}
