//! The same images on both sides.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::Engine;

/// Imports one of our images of a single layer into a dockerd, with what its configuration says.
pub(crate) fn copy(engine: &Engine, socket: &Path, docker: &Path, name: &str) {
    let layers = inspect(engine, name, "{{join .RootFS.Layers \" \"}}");
    let layer = layers.strip_prefix("sha256:").filter(|id| !id.contains(' ')).expect("an image of one layer");
    let mut tar = Command::new("tar")
        .args(["--numeric-owner", "-C"])
        .arg(engine.dir.join("data/layers").join(layer))
        .args(["-c", "."])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut import = Command::new(docker);
    import.env("DOCKER_HOST", format!("unix://{}", socket.display())).arg("import");
    import.args(["--change", &format!("CMD {}", inspect(engine, name, "{{json .Config.Cmd}}"))]);
    for variable in inspect(engine, name, "{{join .Config.Env \"\\n\"}}").lines() {
        import.args(["--change", &format!("ENV {variable}")]);
    }
    for label in
        inspect(engine, name, "{{range $name, $value := .Config.Labels}}{{println $name $value}}{{end}}").lines()
    {
        let (name, value) = label.split_once(' ').unwrap();
        import.args(["--change", &format!("LABEL {name}={value:?}")]);
    }
    let import = import.args(["-", name]).stdin(tar.stdout.take().unwrap()).output().unwrap();
    // 1: a file has changed, as that it has one link more, in another test's engine.
    let packed = tar.wait().unwrap().code().is_some_and(|code| code <= 1);
    assert!(packed && import.status.success(), "dockerd did not take {name}: {import:?}");
}

fn inspect(engine: &Engine, name: &str, format: &str) -> String {
    engine.docker(&["image", "inspect", "--format", format, name]).ok()
}
