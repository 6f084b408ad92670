//! The real Docker, client and dockerd, with our registry.

use crate::common::Answer;
use crate::relay;
use crate::side::Side;
use oracle::Oracle;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A dockerd that reaches a registry as `127.0.0.1:<port>`.
struct Docker {
    oracle: Oracle,
    program: PathBuf,
    home: PathBuf,
}

impl Docker {
    fn start(directory: &Path, name: &str) -> Self {
        let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/oracle");
        let root = std::env::var_os("LERNHAFEN_ORACLE").map_or_else(built, PathBuf::from);
        let home = directory.join(name);
        fs::create_dir(&home).unwrap();
        let oracle = Oracle::start(&root, &home, &format!("registry-{name}")).unwrap();
        Self { oracle, program: root.join("usr/bin/docker"), home }
    }

    fn run(&self, args: &[&str]) -> Answer {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .env("DOCKER_HOST", format!("unix://{}", self.oracle.socket().display()))
            .env("DOCKER_CONFIG", &self.home)
            .env_remove("DOCKER_CONTEXT")
            .stdin(Stdio::null());
        Answer::from(command.output().unwrap())
    }

    /// An image of two layers.
    fn make(&self, image: &str) {
        let archive = self.home.join("a.tar");
        let mut tar = tar::Builder::new(fs::File::create(&archive).unwrap());
        let content: Vec<u8> = (0..3_000_000u32).map(|number| (number % 255) as u8).collect();
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        tar.append_data(&mut header, "file", content.as_slice()).unwrap();
        tar.finish().unwrap();
        self.run(&["import", "--change", "CMD [\"/file\"]", &archive.to_string_lossy(), "base"]).ok();
        let container = self.run(&["create", "base"]).ok();
        self.run(&["cp", &archive.to_string_lossy(), &format!("{container}:/second")]).ok();
        self.run(&["commit", &container, image]).ok();
    }
}

#[test]
fn one_pushes_and_another_pulls() {
    let side = Side::start();
    let ada = Docker::start(&side.engine.dir, "ada");
    let ben = Docker::start(&side.engine.dir, "ben");
    let [ada_port, ben_port] = [&ada, &ben].map(|docker| relay::start(docker.oracle.pid(), side.address));
    let image = format!("127.0.0.1:{ada_port}/ada/app:1");
    ada.make(&image);
    let pushed = ada.run(&["push", &image]).ok();
    assert_eq!(pushed.matches(": Pushed").count(), 2, "{pushed}");
    let digest = pushed.split_whitespace().find(|word| word.starts_with("sha256:")).unwrap().to_owned();
    let again = ada.run(&["push", &image]).ok();
    assert_eq!(again.matches(": Layer already exists").count(), 2, "{again}");
    assert!(again.contains(&digest), "{again}");

    // What she has pushed already need not be sent for another repository.
    let other = format!("127.0.0.1:{ada_port}/ada/other:1");
    ada.run(&["tag", &image, &other]).ok();
    let mounted = ada.run(&["push", &other]).ok();
    assert_eq!(mounted.matches(": Mounted from ada/app").count(), 2, "{mounted}");

    let image_there = format!("127.0.0.1:{ben_port}/ada/app:1");
    assert!(ben.run(&["pull", &image_there]).ok().contains(&format!("Digest: {digest}")));
    let id = |docker: &Docker, image: &str| docker.run(&["image", "inspect", "-f", "{{.Id}}", image]).ok();
    assert_eq!(id(&ben, &image_there), id(&ada, &image));
    let by_digest = format!("127.0.0.1:{ben_port}/ada/app@{digest}");
    ben.run(&["rmi", &image_there]).ok();
    ben.run(&["pull", &by_digest]).ok();
    assert_eq!(id(&ben, &by_digest), id(&ada, &image));

    let nobodys = format!("127.0.0.1:{ben_port}/ada/nothing:1");
    ben.run(&["pull", &nobodys]).fails_with(1, "not found");
    ben.run(&["pull", &format!("{image_there}0")]).fails_with(1, "not found");
    assert_eq!(side.get("/v2/ada/app/tags/list"), "{\"name\":\"ada/app\",\"tags\":[\"1\"]}\n");
}
