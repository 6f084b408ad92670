#![allow(clippy::unwrap_used)]
use super::*;
use crate::image::nothing;
use engine::container::{ContainerSpec, ContainerState};
use engine::network::{Address, Endpoint};
use serde_json::{Value, json};

fn container() -> Container {
    Container {
        id: ContainerId::new(&"a".repeat(64)).unwrap(),
        name: "test".into(),
        spec: ContainerSpec {
            image: "debian:latest".into(),
            cmd: Some(vec!["sleep".into(), "3".into()]),
            ..ContainerSpec::default()
        },
        image_id: nothing().id,
        argv: vec!["sleep".into(), "3".into()],
        env: vec!["PATH=/bin".into()],
        working_dir: "/".into(),
        user: String::new(),
        hostname: "aaaaaaaaaaaa".into(),
        created: 1_578_301_619_000_000_000,
        state: ContainerState {
            status: Status::Running,
            pid: 7,
            visible_pid: 7,
            exit_code: 0,
            paused: false,
            oom_killed: false,
            error: String::new(),
            started_at: 1_578_301_620_000_000_000,
            finished_at: 0,
            committing: false,
        },
        restarts: Default::default(),
        health: None,
        network: Some(Endpoint {
            network: "bridge".into(),
            network_id: "n".into(),
            endpoint_id: "e".into(),
            address: Some(Address {
                address: [172, 17, 0, 2].into(),
                prefix_len: 16,
                gateway: [172, 17, 0, 1].into(),
                mac: "02:42:ac:11:00:02".into(),
            }),
        }),
        exposed_ports: vec!["80/tcp".into()],
        mounts: Vec::new(),
    }
}

fn shown(container: &Container) -> Value {
    serde_json::to_value(InspectResponse::new(container, None)).unwrap()
}

/// Field by field: clients break on what is missing, and on `null` where they expect `[]` or `{}`.
#[test]
fn a_running_container_shows_every_field() {
    let expected: Value = serde_json::from_str(include_str!("../../../tests/data/inspect.json")).unwrap();
    let shown = shown(&container());
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
    assert_eq!(shown.as_object().unwrap().len(), expected.as_object().unwrap().len());
}

#[test]
fn a_container_that_does_not_run_has_an_empty_endpoint() {
    let mut container = container();
    container.network = None;
    container.state.status = Status::Created;
    container.state.started_at = 0;
    let shown = shown(&container);
    assert_eq!(shown["State"]["StartedAt"], "0001-01-01T00:00:00Z");
    assert_eq!(shown["State"]["Running"], false);
    assert_eq!(shown["NetworkSettings"]["IPAddress"], "");
    assert_eq!(shown["NetworkSettings"]["Networks"]["bridge"]["NetworkID"], "");
}

#[test]
fn the_image_fills_in_what_was_not_asked_for() {
    let image = Image {
        config: serde_json::from_value(json!({
            "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}, "history": [],
            "config": {"Cmd": ["bash"], "Entrypoint": ["/entry"], "Labels": {"a": "image", "b": "image"}},
        }))
        .unwrap(),
        ..nothing()
    };
    let config = |container: &Container| {
        serde_json::to_value(InspectResponse::new(container, Some(&image))).unwrap()["Config"].clone()
    };
    let mut container = container();
    container.spec.cmd = None;
    container.spec.labels = [("a".to_owned(), "mine".to_owned())].into();
    let from_image = config(&container);
    assert_eq!(from_image["Cmd"], json!(["bash"]));
    assert_eq!(from_image["Entrypoint"], json!(["/entry"]));
    assert_eq!(from_image["Labels"], json!({"a": "mine", "b": "image"}));
    container.spec.entrypoint = Some(Vec::new());
    let without = config(&container);
    assert_eq!(without["Cmd"], Value::Null);
    assert_eq!(without["Entrypoint"], Value::Null);
}
