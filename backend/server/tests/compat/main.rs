//! What other engines that speak Docker's API got wrong, and their users reported: one test each.
//!
//! The numbers are those of podman's issues. What is expected was asked of dockerd 28.5.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "../common/mod.rs"]
mod common;
mod http;
mod streams;

use common::Engine;
use http::{ask, ask_with};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};

fn running(engine: &Engine, name: &str) -> String {
    engine.docker(&["run", "-d", "--name", name, "busybox", "sleep", "1000"]).ok()
}

fn get(engine: &Engine, path: &str) -> Value {
    ask(engine, &format!("GET {path}")).json()
}

/// 8697, 9157: clients wait for the head before they start the container. 28514: `next-exit` of one that has not run.
#[test]
fn wait_sends_its_head_at_once_and_its_body_at_the_end() {
    let engine = Engine::start();
    engine.docker(&["create", "--name", "box", "busybox", "sh", "-c", "exit 7"]).ok();
    let next = ask(&engine, "POST /containers/box/wait?condition=next-exit");
    let removed = ask(&engine, "POST /containers/box/wait?condition=removed");
    for answer in [&next, &removed] {
        assert_eq!((answer.status.as_str(), answer.content_type.as_str()), ("200 OK", "application/json"));
    }
    engine.docker(&["start", "box"]).ok();
    assert_eq!(next.json(), json!({ "StatusCode": 7 }));
    engine.docker(&["rm", "box"]).ok();
    assert_eq!(removed.json(), json!({ "StatusCode": 7 }));
}

/// 18889: with `--rm`, both conditions are met by the same end.
#[test]
fn wait_for_a_removal_ends_with_auto_remove() {
    let engine = Engine::start();
    engine.docker(&["create", "--rm", "--name", "box", "busybox", "sh", "-c", "exit 3"]).ok();
    let removed = ask(&engine, "POST /containers/box/wait?condition=removed");
    engine.docker(&["start", "box"]).ok();
    assert_eq!(removed.json()["StatusCode"], 3);
}

/// 12652: all of Docker's conditions, and no others.
#[test]
fn wait_knows_its_conditions() {
    let engine = Engine::start();
    engine.docker(&["run", "--name", "box", "busybox", "true"]).ok();
    for path in ["/containers/box/wait", "/containers/box/wait?condition=not-running"] {
        assert_eq!(ask(&engine, &format!("POST {path}")).json()["StatusCode"], 0, "{path}");
    }
    let bogus = ask(&engine, "POST /containers/box/wait?condition=bogus").error();
    assert_eq!(bogus, (400, "invalid condition: \"bogus\"".to_owned()));
    let nobody = ask(&engine, "POST /containers/nobody/wait").error();
    assert_eq!(nobody, (404, "No such container: nobody".to_owned()));
}

/// `docker create -p 1-65535:1-65535` and its like.
#[test]
fn bodies_are_as_large_as_clients_make_them() {
    let engine = Engine::start();
    let all = |entry: &dyn Fn(u32) -> String| (1..=65_535).map(entry).collect::<Vec<_>>().join(",");
    let exposed = all(&|port| format!(r#""{port}/tcp":{{}},"{port}/udp":{{}}"#));
    let made = ask_with(
        &engine,
        "POST /containers/create?name=box",
        &format!(r#"{{"Image":"busybox","ExposedPorts":{{{exposed}}}}}"#),
    );
    assert_eq!(made.status, "201 Created");
    assert_eq!(get(&engine, "/containers/box/json")["Config"]["ExposedPorts"].as_object().unwrap().len(), 2 * 65_535);
    let published = all(&|port| format!(r#""{port}/tcp":[{{"HostIp":"","HostPort":"{port}"}}]"#));
    let refused = ask_with(
        &engine,
        "POST /containers/create",
        &format!(r#"{{"Image":"busybox","HostConfig":{{"PortBindings":{{{published}}}}}}}"#),
    );
    assert_eq!(refused.error(), (501, "`--publish` is not there yet in Lernhafen".to_owned()));
}

/// 10168, 12628: `die` and `exitCode` are their names, not `died` and `containerExitCode`. 16857: and filters know them.
#[test]
fn events_have_dockers_names() {
    let engine = Engine::start();
    engine.docker(&["run", "--name", "box", "-l", "color=red", "busybox", "sh", "-c", "exit 4"]);
    let filters = "%7B%22event%22%3A%7B%22die%22%3Atrue%7D%2C%22type%22%3A%5B%22container%22%5D%7D";
    let both = [filters, "%7B%22event%22%3A%5B%22die%22%5D%2C%22container%22%3A%5B%22box%22%5D%7D"];
    for filters in both {
        let body = ask(&engine, &format!("GET /events?since=1&until=9000000000&filters={filters}"));
        let mut events = BufReader::new(body.stream());
        let mut line = String::new();
        events.read_line(&mut line).unwrap();
        let mut event = String::new();
        events.read_line(&mut event).unwrap();
        let event: Value = serde_json::from_str(&event).unwrap();
        assert_eq!(
            (&event["Type"], &event["Action"], &event["status"]),
            (&json!("container"), &json!("die"), &json!("die"))
        );
        let attributes = &event["Actor"]["Attributes"];
        assert_eq!((&attributes["exitCode"], &attributes["name"]), (&json!("4"), &json!("box")));
        assert_eq!((&attributes["image"], &attributes["color"]), (&json!("busybox"), &json!("red")));
        assert_eq!(event["scope"], "local");
        assert!(event["timeNano"].as_i64().unwrap() / 1_000_000_000 == event["time"].as_i64().unwrap());
    }
}

/// 6803, 8120, 9837, 10261, 5580: `Ports` and `Networks` are objects, whatever the container does. 11926: `null` is a
/// port that is exposed and not published.
#[test]
fn inspect_has_its_shape_in_every_state() {
    let engine = Engine::start();
    engine.docker(&["create", "--name", "made", "busybox"]).ok();
    engine.docker(&["run", "--name", "ended", "busybox", "true"]).ok();
    running(&engine, "running");
    engine.docker(&["run", "-d", "--name", "alone", "--network", "none", "busybox", "sleep", "1000"]).ok();
    for (name, network) in [("made", "bridge"), ("ended", "bridge"), ("running", "bridge"), ("alone", "none")] {
        let container = get(&engine, &format!("/containers/{name}/json"));
        let settings = &container["NetworkSettings"];
        assert!(settings["Ports"].is_object(), "{name}: {settings}");
        assert!(settings["Networks"][network].is_object(), "{name}: {settings}");
        for (list, empty) in [("Mounts", json!([])), ("Args", json!([]))] {
            assert!(container[list] == empty || name != "made", "{name}: {list}: {}", container[list]);
        }
        assert_eq!(container["HostConfig"]["PortBindings"], json!({}), "{name}");
        assert_eq!(container["HostConfig"]["Binds"], Value::Null, "{name}");
    }
}

/// 10495: no element is `[]`, not `null`; where Docker itself has `null`, so have we.
#[test]
fn lists_without_elements_are_lists() {
    let engine = Engine::start();
    let none = "filters=%7B%22name%22%3A%5B%22zzz%22%5D%7D";
    let no_image = "filters=%7B%22reference%22%3A%5B%22zzz%22%5D%7D";
    for (path, expected) in [
        ("/containers/json".to_owned(), json!([])),
        (format!("/containers/json?{none}"), json!([])),
        (format!("/images/json?{no_image}"), json!([])),
        (format!("/networks?{none}"), json!([])),
        ("/volumes".to_owned(), json!({ "Volumes": [], "Warnings": null })),
        ("/plugins".to_owned(), json!([])),
    ] {
        assert_eq!(get(&engine, &path), expected, "{path}");
    }
    let made = ask_with(&engine, "POST /containers/create", r#"{"Image":"busybox"}"#);
    assert_eq!(made.status, "201 Created");
    assert_eq!(made.json()["Warnings"], json!([]));
}

/// 22105, PR 20239: a pull that can't begin is an error, not a 200 with an error in it.
#[test]
fn a_pull_that_fails_at_once_is_an_error() {
    let engine = Engine::start();
    let (status, message) = ask(&engine, "POST /images/create?fromImage=nothere&tag=latest").error();
    assert!(status >= 400 && !message.is_empty(), "{status} {message}");
}

/// 15306: an image goes by all of its names.
#[test]
fn images_are_found_by_short_and_by_long_names() {
    let engine = Engine::start();
    let id = get(&engine, "/images/busybox/json")["Id"].as_str().unwrap().to_owned();
    let short = &id["sha256:".len()..][..12];
    for name in [
        "busybox",
        "busybox:latest",
        "library/busybox",
        "docker.io/library/busybox:latest",
        "index.docker.io/busybox",
        &id,
        short,
    ] {
        assert_eq!(get(&engine, &format!("/images/{name}/json"))["Id"], id, "{name}");
    }
}

/// 27890: clients refuse servers that are too old, and choose their version by what `/_ping` says.
#[test]
fn the_version_is_negotiated() {
    let engine = Engine::start();
    for request in ["HEAD /_ping", "GET /_ping"] {
        let head = engine.raw(format!("{request} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n").as_bytes());
        for header in ["Api-Version: 1.51", "Ostype: linux", "Docker-Experimental: false", "Swarm: inactive"] {
            assert!(head.to_ascii_lowercase().contains(&header.to_ascii_lowercase()), "{request}: {header} in {head}");
        }
        assert_eq!(head.ends_with("\r\n\r\nOK"), request.starts_with("GET"), "{head}");
    }
    for path in ["/info", "/v1.24/info", "/v1.44/info", "/v1.51/info"] {
        assert_eq!(ask(&engine, &format!("GET {path}")).status, "200 OK", "{path}");
    }
    assert_eq!(
        ask(&engine, "GET /v1.99/info").error(),
        (400, "client version 1.99 is too new. Maximum supported API version is 1.51".to_owned())
    );
    let too_old = ask(&engine, "GET /v1.20/info");
    assert_eq!((&*too_old.status, &*too_old.content_type), ("400 Bad Request", "text/plain; charset=utf-8"));
    let words = "client version 1.20 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n";
    assert_eq!(String::from_utf8(too_old.body()).unwrap(), words);
    for request in ["OPTIONS /info", "OPTIONS /v1.51/containers/x/json", "OPTIONS /nothing"] {
        let answer = ask(&engine, request);
        assert_eq!(answer.status, "200 OK", "{request}");
        assert_eq!(answer.body(), b"", "{request}");
    }
    for request in ["GET /nothing", "PUT /info", "GET /v1.51/containers/a/b/c"] {
        assert_eq!(ask(&engine, request).error(), (404, "page not found".to_owned()), "{request}");
    }
}

/// 5386: docker-py writes filters as lists, Docker's own clients as maps.
#[test]
fn filters_come_in_both_forms() {
    let engine = Engine::start();
    engine.docker(&["create", "--name", "one", "busybox"]).ok();
    engine.docker(&["create", "--name", "two", "busybox"]).ok();
    for filters in ["%7B%22name%22%3A%5B%22two%22%5D%7D", "%7B%22name%22%3A%7B%22two%22%3Atrue%7D%7D"] {
        let found = get(&engine, &format!("/containers/json?all=1&filters={filters}"));
        assert_eq!(found.as_array().unwrap().len(), 1, "{filters}");
        assert_eq!(found[0]["Names"], json!(["/two"]));
    }
    let (status, message) = ask(&engine, "GET /containers/json?filters=bogus").error();
    assert_eq!((status, message.as_str()), (400, "invalid filter"));
    let unknown = ask(&engine, "GET /containers/json?filters=%7B%22bogus%22%3A%5B%22x%22%5D%7D").error();
    assert_eq!(unknown, (400, "invalid filter 'bogus'".to_owned()));
}

#[test]
fn bodies_that_are_not_understood_are_refused_in_dockers_words() {
    let engine = Engine::start();
    let create = |body: &str| ask_with(&engine, "POST /containers/create", body).error();
    for (body, message) in [
        ("{", "invalid JSON: unexpected EOF"),
        (r#"{"Image":"busybox"} x"#, "unexpected content after JSON"),
        (r#"{"Image":"busybox"}{}"#, "unexpected content after JSON"),
        ("{}", "config cannot be empty in order to create a container"),
        ("null", "config cannot be empty in order to create a container"),
        (r#"{"Image":"nothere"}"#, "No such image: nothere:latest"),
        (r#"{"Hostname":"x"}"#, "no command specified"),
        (r#"{"Image":"","Cmd":[]}"#, "no command specified"),
    ] {
        assert_eq!(create(body).1, message, "{body}");
    }
    let (status, message) = create(r#"{"Image":1}"#);
    assert!(status == 400 && message.starts_with("invalid JSON: "), "{message}");
    let nothing = ask(&engine, "POST /containers/create").error();
    assert_eq!(nothing, (400, "invalid JSON: got EOF while reading request body".to_owned()));
    let text = engine.raw(b"POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    assert!(text.contains("unsupported Content-Type header (text/plain): must be 'application/json'"), "{text}");
}

/// One word is a command, too, and `null` is nothing: docker-py and older clients send both.
#[test]
fn old_ways_to_write_a_create_request_are_understood() {
    let engine = Engine::start();
    let body = r#"{"Image":"busybox","Cmd":"true","Entrypoint":null,"Env":null,"HostConfig":null,"Unknown":1}"#;
    let made = ask_with(&engine, "POST /containers/create?name=box", body);
    assert_eq!(made.status, "201 Created");
    assert_eq!(get(&engine, "/containers/box/json")["Config"]["Cmd"], json!(["true"]));
    assert_eq!(ask(&engine, "POST /containers/box/start").status, "204 No Content");
}

#[test]
fn what_is_so_already_is_no_error() {
    let engine = Engine::start();
    running(&engine, "box");
    engine.docker(&["create", "--name", "made", "busybox"]).ok();
    assert_eq!(ask(&engine, "POST /containers/box/start").status, "304 Not Modified");
    assert_eq!(ask(&engine, "POST /containers/made/stop").status, "304 Not Modified");
    // It has no terminal.
    assert_eq!(ask(&engine, "POST /containers/box/resize?h=5&w=5").status, "200 OK");
}

/// The CLI tells by these codes what to do next.
#[test]
fn errors_have_dockers_codes() {
    let engine = Engine::start();
    running(&engine, "box");
    engine.docker(&["create", "--name", "made", "busybox"]).ok();
    for (request, status, message) in [
        ("GET /containers/made/logs", 400, "Bad parameters: you must choose at least one stream"),
        ("POST /exec/nothere/start", 404, "No such exec instance: nothere"),
        ("POST /containers/box/resize?h=a&w=1", 400, "invalid resize height \"a\": invalid syntax"),
        ("POST /containers/box/kill?signal=nope", 400, "cannot kill container: box: invalid signal: nope"),
        ("POST /containers/box/rename", 400, "Neither old nor new names may be empty"),
        (
            "DELETE /containers/box",
            409,
            "cannot remove container \"box\": container is running: stop the container before removing or force remove",
        ),
        ("GET /images/nothere/json", 404, "No such image: nothere:latest"),
        ("GET /events?since=2&until=1", 400, "`since` time (2) cannot be after `until` time (1)"),
    ] {
        assert_eq!(ask(&engine, request).error(), (status, message.to_owned()), "{request}");
    }
}
