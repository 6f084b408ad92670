//! What other engines that speak Docker's API got wrong, and their users reported: one test each.
//!
//! The numbers are those of podman's issues. What is expected was asked of dockerd 28.5.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "../common/mod.rs"]
mod common;
mod http;

use std::io::{BufRead, BufReader, Read};

use common::{Engine, eventually};
use http::{ask, ask_with, take_the_head, upgrade};
use serde_json::{Value, json};

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

/// PR 19696: the content type says whether the stream has frames; since API 1.42.
#[test]
fn attach_says_how_its_stream_is_to_be_read() {
    let engine = Engine::start();
    running(&engine, "plain");
    engine.docker(&["run", "-dt", "--name", "tty", "busybox", "sleep", "1000"]).ok();
    for (path, expected) in [
        ("/v1.51/containers/plain", "application/vnd.docker.multiplexed-stream"),
        ("/v1.42/containers/plain", "application/vnd.docker.multiplexed-stream"),
        ("/v1.41/containers/plain", "application/vnd.docker.raw-stream"),
        ("/v1.51/containers/tty", "application/vnd.docker.raw-stream"),
    ] {
        let answer = upgrade(&engine, &format!("POST {path}/attach?stream=1&stdout=1"), "");
        assert_eq!((answer.status.as_str(), answer.content_type.as_str()), ("101 UPGRADED", expected), "{path}");
        let logs = ask(&engine, &format!("GET {path}/logs?stdout=1"));
        assert_eq!((logs.status.as_str(), logs.content_type.as_str()), ("200 OK", expected), "{path}");
    }
    let old = ask(&engine, "POST /containers/plain/attach?stream=1&stdout=1");
    assert_eq!((old.status.as_str(), old.content_type.as_str()), ("200 OK", "application/vnd.docker.raw-stream"));
}

/// 20179: one that doesn't run (yet, or any more) is attached to all the same. 19901: and the stream has an end.
#[test]
fn attach_takes_what_does_not_run_and_ends() {
    let engine = Engine::start();
    engine.docker(&["create", "--name", "box", "busybox", "echo", "hello"]).ok();
    let stream = upgrade(&engine, "POST /containers/box/attach?stream=1&stdout=1", "");
    assert_eq!(stream.status, "101 UPGRADED");
    engine.docker(&["start", "box"]).ok();
    assert_eq!(stream.body(), b"\x01\0\0\0\0\0\0\x06hello\n");
    eventually("it has ended", || get(&engine, "/containers/box/json")["State"]["Status"] == "exited");
    let ended = upgrade(&engine, "POST /containers/box/attach?stream=1&stdout=1&logs=1", "");
    assert_eq!(ended.status, "101 UPGRADED");
    let mut logged = [0; 14];
    ended.stream().read_exact(&mut logged).unwrap();
    assert_eq!(&logged, b"\x01\0\0\0\0\0\0\x06hello\n");
}

/// 10560, PR 28957: a client resizes before the process is there; PR 10683: or says the size when it starts it.
#[test]
fn exec_takes_its_size_whenever_it_comes() {
    let engine = Engine::start();
    running(&engine, "box");
    let exec = |body: &str| {
        let made = ask_with(&engine, "POST /containers/box/exec", body);
        assert_eq!(made.status, "201 Created");
        made.json()["Id"].as_str().unwrap().to_owned()
    };
    let command = r#""Tty":true,"AttachStdout":true,"Cmd":["sh","-c","sleep 1; stty size"]"#;
    let id = exec(&format!("{{{command}}}"));
    let stream = upgrade(&engine, &format!("POST /exec/{id}/start"), r#"{"Tty":true}"#);
    let resized = ask(&engine, &format!("POST /exec/{id}/resize?h=30&w=100"));
    assert_eq!(resized.status, "200 OK");
    assert_eq!(String::from_utf8(stream.body()).unwrap(), "30 100\r\n");

    let id = exec(&format!("{{{command}}}"));
    let stream = upgrade(&engine, &format!("POST /exec/{id}/start"), r#"{"Tty":true,"ConsoleSize":[31,101]}"#);
    assert_eq!(String::from_utf8(stream.body()).unwrap(), "31 101\r\n");
    assert_eq!(get(&engine, &format!("/exec/{id}/json"))["ExitCode"], 0);
}

/// docker-py reads the head of an attach with whatever comes beside it, and drops that.
#[test]
fn nothing_comes_with_the_head_of_a_stream() {
    let engine = Engine::start();
    running(&engine, "box");
    engine.docker(&["run", "--name", "ended", "busybox", "echo", "first"]).ok();
    for tty in [true, false] {
        let body = format!(r#"{{"Tty":{tty},"AttachStdout":true,"Cmd":["echo","first"]}}"#);
        let id = ask_with(&engine, "POST /containers/box/exec", &body).json()["Id"].as_str().unwrap().to_owned();
        let (head, rest) = take_the_head(&engine, &format!("POST /exec/{id}/start"), &format!(r#"{{"Tty":{tty}}}"#));
        assert!(head.starts_with("HTTP/1.1 101 UPGRADED\r\n") && head.ends_with("\r\n\r\n"), "{head}");
        assert_eq!(rest, if tty { "first\r\n" } else { "\u{1}\0\0\0\0\0\0\u{6}first\n" });
    }
    let (head, rest) = take_the_head(&engine, "POST /containers/ended/attach?logs=1&stdout=1", "");
    assert!(head.starts_with("HTTP/1.1 101 UPGRADED\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    assert_eq!(rest, "\u{1}\0\0\0\0\0\0\u{6}first\n");
}

/// Docker has taken the connection from HTTP by the time that it looks for the container: its errors are no JSON there.
#[test]
fn an_attach_fails_in_plain_text() {
    let engine = Engine::start();
    running(&engine, "box");
    engine.docker(&["pause", "box"]).ok();
    for (request, status, message) in [
        ("POST /containers/nobody/attach?stream=1", "404 Not Found", "No such container: nobody\r\n"),
        (
            "POST /containers/box/attach?stream=1",
            "409 Conflict",
            "container box is paused, unpause the container before attach\r\n",
        ),
        ("POST /containers/box/attach?detachKeys=nope", "400 Bad Request", "Invalid detach keys (nope) provided\r\n"),
    ] {
        for answer in [upgrade(&engine, request, ""), ask(&engine, request)] {
            assert_eq!(
                (&*answer.status, &*answer.content_type),
                (status, "application/vnd.docker.raw-stream"),
                "{request}"
            );
            assert_eq!(String::from_utf8(answer.body()).unwrap(), message, "{request}");
        }
    }
    for request in ["GET /containers/nobody/attach/ws", "GET /containers/nobody/logs?stdout=1"] {
        assert_eq!(ask(&engine, request).error(), (404, "No such container: nobody".to_owned()), "{request}");
    }
    let plain = ask(&engine, "GET /containers/box/attach/ws");
    assert_eq!(plain.status, "400 Bad Request");
    assert_eq!(plain.body(), b"not websocket protocol");
}

/// An exec has the process id that it had; and it runs once.
#[test]
fn an_exec_is_remembered_after_its_end() {
    let engine = Engine::start();
    running(&engine, "box");
    let body = r#"{"AttachStdout":true,"Cmd":["sh","-c","echo ran"]}"#;
    let id = ask_with(&engine, "POST /containers/box/exec", body).json()["Id"].as_str().unwrap().to_owned();
    assert_eq!(get(&engine, &format!("/exec/{id}/json"))["Pid"], 0);
    upgrade(&engine, &format!("POST /exec/{id}/start"), "{}").body();
    let ended = get(&engine, &format!("/exec/{id}/json"));
    assert!(ended["Pid"].as_i64().unwrap() > 1, "{ended}");
    let flags = ["Running", "ExitCode", "CanRemove"].map(|field| ended[field].clone());
    assert_eq!(flags, [json!(false), json!(0), json!(false)]);
    let message = format!("exec command {id} has already run");
    let again = upgrade(&engine, &format!("POST /exec/{id}/start"), "{}");
    assert_eq!(again.status, "101 UPGRADED");
    assert_eq!(String::from_utf8_lossy(&again.body()[8..]), format!("{message}\r\n"));
    let detached = ask_with(&engine, &format!("POST /exec/{id}/start"), r#"{"Detach":true}"#);
    assert_eq!(detached.error(), (409, message));
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
