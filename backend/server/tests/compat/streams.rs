//! Connections that become streams: attach and exec.

use crate::common::{Engine, eventually};
use crate::http::{ask, ask_with, take_the_head, upgrade};
use crate::{get, running};
use serde_json::json;
use std::io::Read;

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
