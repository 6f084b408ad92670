//! The same images on both sides.

use crate::common::Engine;
use std::path::Path;
use std::process::{Command, Stdio};

/// Gives a dockerd one of our images, to the last byte: `docker save` here, `docker load` there.
pub(crate) fn copy(engine: &Engine, socket: &Path, docker: &Path, name: &str) {
    let mut save = engine.docker_command(&["save", name]).stdout(Stdio::piped()).spawn().unwrap();
    let mut load = Command::new(docker);
    load.env("DOCKER_HOST", format!("unix://{}", socket.display())).args(["load", "--quiet"]);
    let load = load.stdin(save.stdout.take().unwrap()).output().unwrap();
    assert!(save.wait().unwrap().success() && load.status.success(), "dockerd did not take {name}: {load:?}");
}
