#![allow(clippy::unwrap_used)]
use super::*;

/// A group of this test alone, removed at its end.
struct Group(String);

impl Group {
    fn new(name: &str) -> Self {
        Self(format!("lernhafen-test-{}-{name}", std::process::id()))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(kill(&self.0));
        remove(&self.0).unwrap();
    }
}

#[test]
fn limits_take_and_groups_go() {
    let group = Group::new("limits");
    let limits = Limits {
        memory: Some(64 << 20),
        memory_and_swap: Some(64 << 20),
        pids: Some(20),
        cpu: Some(Cpu { quota: 50_000, period: 100_000 }),
        cpu_shares: Some(512),
        ..Limits::default()
    };
    create(&group.0, &limits).unwrap();
    create(&format!("{}/below", group.0), &Limits::default()).unwrap();
    assert_eq!(processes(&group.0).unwrap(), Vec::<i32>::new());
    assert!(!oom_killed(&group.0).unwrap());
    remove(&group.0).unwrap();
    assert!(layout().unwrap().directories(&group.0).all(|directory| !directory.exists()));
    remove(&group.0).unwrap();
}

#[test]
fn a_limit_that_does_not_take_is_an_error() {
    let group = Group::new("refused");
    let limits = Limits { cpu: Some(Cpu { quota: 1, period: 100_000 }), ..Limits::default() };
    let failure = create(&group.0, &limits).unwrap_err();
    assert!(failure.message.contains("cpu"), "{}", failure.message);
}

#[test]
fn kills_all_processes_below() {
    let group = Group::new("kill");
    let below = format!("{}/below", group.0);
    create(&below, &Limits::default()).unwrap();
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    for directory in layout().unwrap().directories(&below) {
        std::fs::write(directory.join("cgroup.procs"), child.id().to_string()).unwrap();
    }
    assert_eq!(processes(&group.0).unwrap(), [child.id() as i32]);
    kill(&group.0).unwrap();
    assert!(!child.wait().unwrap().success());
}

#[test]
fn a_path_stays_in_its_place() {
    for path in ["", "..", "a/../../b", "/a", "./a"] {
        assert!(create(path, &Limits::default()).is_err(), "{path:?}");
        assert!(kill(path).is_err(), "{path:?}");
    }
}
