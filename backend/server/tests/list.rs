//! `docker ps` with its filters, names and ports; what can be pruned.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::Engine;

/// Three containers: `one` runs, `two` never did, `three` has ended with 3.
fn three() -> Engine {
    let engine = Engine::start();
    let one = ["run", "-d", "--name", "one", "-l", "a=b", "-l", "c", "--expose", "80", "--expose", "90/udp", "busybox"];
    engine.docker(&[&one[..], &["sleep", "1000"]].concat()).ok();
    engine.docker(&["create", "--name", "two", "-l", "a=x", "busybox", "true"]).ok();
    assert_eq!(engine.docker(&["run", "--name", "three", "busybox", "sh", "-c", "exit 3"]).code, 3);
    engine
}

fn names(engine: &Engine, options: &[&str]) -> String {
    engine.docker(&[&["ps", "-a", "--format", "{{.Names}}"], options].concat()).ok().replace('\n', " ")
}

#[test]
fn every_filter_selects_as_docker_does() {
    let engine = three();
    for (filter, expected) in [
        ("ancestor=busybox", "three two one"),
        ("ancestor=nope", ""),
        ("before=two", "one"),
        ("since=two", "three"),
        ("exited=3", "three"),
        ("exited=0", ""),
        ("expose=80", "one"),
        ("expose=90/udp", "one"),
        ("expose=70-100", "one"),
        ("expose=90", ""),
        ("publish=80", ""),
        ("health=none", "three two one"),
        ("health=healthy", ""),
        ("id=zzz", ""),
        ("is-task=true", ""),
        ("is-task=false", "three two one"),
        ("isolation=default", "three two one"),
        ("label=a", "two one"),
        ("label=a=b", "one"),
        ("name=^t", "three two"),
        ("name=/three", "three"),
        ("name=^/three$", "three"),
        ("name=[", ""),
        ("network=bridge", "three two one"),
        ("network=none", ""),
        ("status=running", "one"),
        ("status=created", "two"),
        ("status=dead", ""),
        ("volume=/x", ""),
    ] {
        assert_eq!(names(&engine, &["--filter", filter]), expected, "{filter}");
    }
    assert_eq!(names(&engine, &["--filter", "label=a", "--filter", "label=c"]), "one", "every label");
    assert_eq!(names(&engine, &["--filter", "name=one", "--filter", "name=two"]), "two one", "any name");
    assert_eq!((names(&engine, &["-n", "2"]), names(&engine, &["-l"])), ("three two".into(), "three".into()));
    for (filter, words) in [
        ("bogus=1", "invalid filter 'bogus'"),
        ("before=nope", "No such container: nope"),
        ("exited=x", "invalid filter 'exited=x': strconv.Atoi: parsing \"x\": invalid syntax"),
        ("expose=x", "error while looking up for expose x: strconv.ParseUint: parsing \"x\": invalid syntax"),
        ("health=bad", "invalid value for health (bad): must be one of none, starting, healthy, unhealthy"),
        ("is-task=bad", "invalid filter 'is-task=[bad]'"),
        ("status=bad", "invalid filter 'status=bad': invalid value for state (bad): must be one of created, running,"),
    ] {
        engine.docker(&["ps", "--filter", filter]).fails_with(1, words);
    }
}

#[test]
fn exposed_ports_are_shown_and_none_is_published() {
    let engine = three();
    assert_eq!(engine.docker(&["ps", "--format", "{{.Ports}}"]).ok(), "80/tcp, 90/udp");
    let ports = |name| engine.docker(&["inspect", "-f", "{{json .NetworkSettings.Ports}}", name]).ok();
    assert_eq!((ports("one"), ports("two")), (r#"{"80/tcp":null,"90/udp":null}"#.into(), "{}".into()));
    assert_eq!(engine.docker(&["port", "one"]).ok(), "");
    engine.docker(&["port", "one", "80"]).fails_with(1, "No public port '80' published for one");
}

#[test]
fn a_container_gets_another_name() {
    let engine = three();
    engine.docker(&["rename", "two", "/zwei"]).ok();
    assert_eq!(names(&engine, &[]), "three zwei one");
    let taken = "Error when allocating new name: Conflict. The container name \"/one\" is already in use by container";
    engine.docker(&["rename", "zwei", "one"]).fails_with(1, taken);
    engine.docker(&["rename", "zwei", "zwei"]).fails_with(1, "with the same name as its current name");
    engine
        .docker(&["rename", "zwei", "x"])
        .fails_with(1, "Error when allocating new name: Invalid container name (/x)");
    engine.docker(&["rename", "nope", "other"]).fails_with(1, "No such container: nope");
    engine.docker(&["create", "--name", "two", "busybox"]).ok();
    let soon = common::seconds_from_now(1);
    let format = "{{.Action}} {{.Actor.Attributes.oldName}} {{.Actor.Attributes.name}}";
    let events = ["events", "--since", "0", "--until", &soon, "--filter", "event=rename", "--format", format];
    assert_eq!(engine.docker(&events).ok(), "rename /two zwei");
}

#[test]
fn pruning_removes_what_does_not_run() {
    let engine = three();
    engine.docker(&["container", "prune", "-f", "--filter", "bad=1"]).fails_with(1, "invalid filter 'bad'");
    let bad = "failed to parse value as time or duration: \"bad\"";
    engine.docker(&["container", "prune", "-f", "--filter", "until=bad"]).fails_with(1, bad);
    for filter in ["until=1h", "label=zz"] {
        let pruned = engine.docker(&["container", "prune", "-f", "--filter", filter]).ok();
        assert_eq!(pruned, "Total reclaimed space: 0B", "{filter}");
    }
    engine.docker(&["container", "prune", "-f", "--filter", "label!=a"]).ok();
    assert_eq!(names(&engine, &[]), "two one");
    engine.docker(&["system", "prune", "-f", "--volumes"]).ok();
    assert_eq!(names(&engine, &[]), "one");
    for what in ["network", "image", "volume"] {
        engine.docker(&[what, "prune", "-f"]).ok();
        engine.docker(&[what, "prune", "-f", "--filter", "bad=1"]).fails_with(1, "invalid filter 'bad'");
    }
    engine.docker(&["rm", "-l", "one"]).fails_with(1, "Conflict, cannot remove the default link name of the container");
    engine.docker(&["rm", "one"]).fails_with(1, "container is running: stop the container before removing or force");
    engine.docker(&["rm", "-fv", "one"]).ok();
    assert_eq!(names(&engine, &[]), "");
}
