#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use axum::extract::FromRequest;
use axum::http::Request;
use serde_json::{Value, json};

/// What docker 28.2.2 sends for `docker run -it --rm debian sh`.
const CLI: &str = include_str!("../../../tests/data/create.json");

async fn read(body: &Value) -> Reply<ContainerSpec> {
    let request = Request::post("/")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(body.to_string()))
        .unwrap();
    spec(body::Json::from_request(request, &()).await?)
}

/// The CLI's body with one value changed.
fn with(pointer: &str, value: Value) -> Value {
    let mut body: Value = serde_json::from_str(CLI).unwrap();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[field] = value;
    body
}

#[tokio::test]
async fn what_the_cli_sends_is_understood() {
    let spec = read(&serde_json::from_str(CLI).unwrap()).await.unwrap();
    let expected = ContainerSpec {
        image: "debian".into(),
        cmd: Some(vec!["sh".into()]),
        tty: true,
        open_stdin: true,
        stdin_once: true,
        attach_stdin: true,
        attach_stdout: true,
        attach_stderr: true,
        auto_remove: true,
        resources: engine::container::Resources {
            memory_swappiness: Some(-1),
            oom_kill_disable: Some(false),
            pids_limit: Some(0),
            ..engine::container::Resources::default()
        },
        ..ContainerSpec::default()
    };
    assert_eq!(spec, expected);
}

#[tokio::test]
async fn what_is_not_there_yet_is_refused_by_name() {
    for (pointer, value, option) in [
        ("/HostConfig/Dns", json!(["1.2.3.4"]), "`--dns`"),
        ("/HostConfig/PortBindings", json!({"80/tcp": [{"HostPort": "8080"}]}), "`--publish`"),
        ("/HostConfig/LogConfig", json!({"Type": "journald"}), "log driver journald"),
        ("/MacAddress", json!("02:42:ac:11:00:02"), "`--mac-address`"),
        ("/NetworkingConfig/EndpointsConfig/default/Aliases", json!(["x"]), "`--network-alias`"),
        ("/NetworkingConfig/EndpointsConfig/default/IPAMConfig", json!({"IPv4Address": "1.2.3.4"}), "`--ip`"),
        ("/NetworkingConfig/EndpointsConfig/other", json!({}), "several networks"),
    ] {
        let error = read(&with(pointer, value)).await.unwrap_err();
        assert_eq!(error.status, StatusCode::NOT_IMPLEMENTED, "{pointer}");
        assert!(error.message.contains(option), "{pointer}: {}", error.message);
    }
}

#[tokio::test]
async fn defaults_pass() {
    for (pointer, value) in [
        ("/HostConfig/IpcMode", json!("private")),
        ("/HostConfig/CgroupnsMode", json!("private")),
        ("/HostConfig/LogConfig", json!({"Type": "json-file", "Config": null})),
        ("/HostConfig/RestartPolicy", json!({})),
        ("/HostConfig/ShmSize", json!(67_108_864)),
        ("/HostConfig/MemorySwappiness", json!(null)),
        ("/HostConfig/CpuRealtimePeriod", json!(0)),
        ("/HostConfig/Runtime", json!("lernhafen")),
        ("/Healthcheck", json!({"Test": ["NONE"]})),
        ("/Healthcheck", json!({})),
        ("/HostConfig/NetworkMode", json!("")),
        ("/SomethingNew", json!(1)),
    ] {
        read(&with(pointer, value.clone()))
            .await
            .unwrap_or_else(|error| panic!("{pointer} {value}: {}", error.message));
    }
}

#[tokio::test]
async fn values_are_read_as_docker_reads_them() {
    let spec = |pointer, value| async move { read(&with(pointer, value)).await.unwrap() };
    assert_eq!(spec("/Cmd", json!("sh")).await.cmd, Some(vec!["sh".into()]));
    assert_eq!(spec("/Cmd", json!([])).await.cmd, None);
    assert_eq!(spec("/Entrypoint", json!([""])).await.entrypoint, Some(vec![]));
    assert_eq!(spec("/Entrypoint", json!([])).await.entrypoint, Some(vec![]));
    assert_eq!(spec("/Entrypoint", json!(null)).await.entrypoint, None);
    assert_eq!(spec("/HostConfig/PidsLimit", json!(-1)).await.resources.pids_limit, Some(-1));
    assert_eq!(spec("/HostConfig/Memory", json!(6_291_456)).await.resources.memory, 6_291_456);
    assert_eq!(spec("/StopTimeout", json!(0)).await.stop_timeout, Some(0));
}

#[tokio::test]
async fn nonsense_is_refused() {
    for (pointer, value, message) in [
        ("/HostConfig/Runtime", json!("crun"), "unknown or invalid runtime name: crun"),
        ("/HostConfig/Isolation", json!("hyperv"), "invalid isolation (hyperv): linux only supports 'default'"),
        ("/HostConfig/Memory", json!("x"), "invalid JSON: "),
        ("/HostConfig/BlkioWeight", json!(70000), "invalid JSON: "),
        ("/HostConfig/KernelMemory", json!(52_428_800), "--kernel-memory is refused"),
        ("/HostConfig/CpuRealtimeRuntime", json!(1000), "--cpu-rt-runtime is refused"),
        ("/HostConfig/IOMaximumIOps", json!(5), "QoS maximum IOPs configuration is not supported on linux"),
        ("/WorkingDir", json!("tmp"), "needs to be an absolute path"),
        ("/Env", json!(["=x"]), "invalid environment variable: =x"),
        ("/Env", json!("x"), "invalid JSON: "),
        ("/Tty", json!("yes"), "invalid JSON: "),
        ("/HostConfig/ConsoleSize", json!([70000, 1]), "invalid JSON: "),
        ("/HostConfig/NetworkMode", json!("mine"), "network mine not found"),
    ] {
        let error = read(&with(pointer, value)).await.unwrap_err();
        assert_eq!(error.status, StatusCode::BAD_REQUEST, "{pointer}");
        assert!(error.message.contains(message), "{pointer}: {}", error.message);
    }
    assert!(read(&Value::Null).await.unwrap_err().message.contains("config cannot be empty"));
    assert!(read(&json!({})).await.unwrap_err().message.contains("config cannot be empty"));
    assert!(read(&json!([])).await.is_err());
    assert_eq!(read(&with("/Image", json!(""))).await.unwrap_err().status, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(read(&json!({ "Image": "", "Tty": true })).await.unwrap_err().message, "no command specified");
}

#[test]
fn platforms_are_compared() {
    assert!(check_platform("busybox", "linux/amd64", "amd64").is_ok());
    assert!(check_platform("busybox", "linux/amd64/v3", "amd64").is_ok());
    assert!(check_platform("busybox", "linux", "arm64").is_ok());
    assert!(check_platform("busybox", "linux/arm64", "amd64").is_err());
    assert!(check_platform("busybox", "windows/amd64", "amd64").is_err());
}
