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

#[test]
fn what_is_held_can_still_be_killed() {
    let group = Group::new("freeze");
    create(&group.0, &Limits::default()).unwrap();
    // As it is here, and as it is without version 2.
    let whole = layout().unwrap();
    let v1 = whole.v1.iter().map(|it| Hierarchy { path: it.path.clone(), controllers: it.controllers.clone() });
    let v1 = layout::Layout { v1: v1.collect(), v2: None };
    let layouts = if v1.v1.is_empty() { vec![whole] } else { vec![whole, &v1] };
    for layout in layouts {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        for directory in layout.directories(&group.0) {
            std::fs::write(directory.join("cgroup.procs"), child.id().to_string()).unwrap();
        }
        assert!(!freezer::is_set(layout, &group.0).unwrap());
        freezer::set(layout, &group.0, true).unwrap();
        assert!(freezer::is_set(layout, &group.0).unwrap());
        freezer::set(layout, &group.0, false).unwrap();
        freezer::set(layout, &group.0, true).unwrap();
        freezer::let_die(layout, &group.0).unwrap();
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        freezer::set(layout, &group.0, false).unwrap();
    }
}
