//! skopeo copies, looks, lists and deletes.

use crate::common::Answer;
use crate::layout;
use crate::side::Side;
use serde_json::{Value, json};
use std::process::Command;

struct Skopeo {
    side: Side,
}

impl Skopeo {
    fn new() -> Self {
        Self { side: Side::start() }
    }

    fn name(&self, image: &str) -> String {
        format!("docker://{}/{image}", self.side.address)
    }

    fn run(&self, args: &[&str]) -> Answer {
        let home = self.side.engine.dir.join("skopeo");
        std::fs::create_dir_all(&home).unwrap();
        // Not what it remembers of other registries, nor anybody's settings.
        let mut command = Command::new("skopeo");
        command.args(["--insecure-policy"]).args(args).env("HOME", &home).env("XDG_RUNTIME_DIR", &home);
        Answer::from(command.output().expect("skopeo, which `cargo xtask test` provides"))
    }

    fn copy(&self, from: &str, to: &str) -> Answer {
        self.run(&["copy", "--src-tls-verify=false", "--dest-tls-verify=false", from, to])
    }

    /// It would compress layers on the way otherwise.
    fn copy_exactly(&self, from: &str, to: &str) -> Answer {
        self.run(&["copy", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false", from, to])
    }

    fn file(&self, kind: &str, name: &str) -> String {
        format!("{kind}:{}", self.side.engine.dir.join(name).display())
    }
}

#[test]
fn an_image_goes_there_and_comes_back_the_same() {
    let skopeo = Skopeo::new();
    let content: Vec<u8> = (0..6_000_000u32).map(|number| (number % 253) as u8).collect();
    let from = skopeo.side.engine.dir.join("from");
    let digest = layout::write(&from, "1", &[("a", b"a"), ("large", &content)]);
    let app = skopeo.name("ada/app:1");
    skopeo.copy_exactly(&skopeo.file("oci", "from:1"), &app).ok();
    let inspected: Value = serde_json::from_str(&skopeo.run(&["inspect", "--tls-verify=false", &app]).ok()).unwrap();
    assert_eq!((&inspected["Digest"], &inspected["RepoTags"]), (&json!(digest), &json!(["1"])));
    skopeo.copy_exactly(&app, &skopeo.file("oci", "back:1")).ok();
    let blobs = |name: &str| {
        let files = std::fs::read_dir(skopeo.side.engine.dir.join(name).join("blobs/sha256")).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        files.sort();
        files
    };
    assert_eq!(blobs("from"), blobs("back"));

    // By its digest, into an archive as Docker has it, and from that into another repository.
    skopeo.copy(&skopeo.name(&format!("ada/app@{digest}")), &skopeo.file("docker-archive", "a.tar:app:1")).ok();
    skopeo.copy(&skopeo.file("docker-archive", "a.tar"), &skopeo.name("ben/docker:1")).ok();
    let kind: Value = serde_json::from_str(
        &skopeo.run(&["inspect", "--raw", "--tls-verify=false", &skopeo.name("ben/docker:1")]).ok(),
    )
    .unwrap();
    assert_eq!(kind["mediaType"], "application/vnd.docker.distribution.manifest.v2+json");
    assert_eq!(skopeo.side.get("/v2/_catalog"), "{\"repositories\":[\"ada/app\",\"ben/docker\"]}\n");
}

#[test]
fn tags_are_listed_and_deleted() {
    let skopeo = Skopeo::new();
    for (tag, content) in [("1", "one"), ("2", "two"), ("latest", "two")] {
        layout::write(&skopeo.side.engine.dir.join("from"), tag, &[("a", content.as_bytes())]);
        skopeo.copy(&skopeo.file("oci", &format!("from:{tag}")), &skopeo.name(&format!("ada/app:{tag}"))).ok();
    }
    let tags = || -> Value {
        let listed = skopeo.run(&["list-tags", "--tls-verify=false", &skopeo.name("ada/app")]).ok();
        serde_json::from_str::<Value>(&listed).unwrap()["Tags"].clone()
    };
    assert_eq!(tags(), json!(["1", "2", "latest"]));
    // It deletes what the tag means, and with that its other tag.
    skopeo.run(&["delete", "--tls-verify=false", &skopeo.name("ada/app:2")]).ok();
    assert_eq!(tags(), json!(["1"]));
    let gone = skopeo.run(&["inspect", "--tls-verify=false", &skopeo.name("ada/app:2")]);
    gone.fails_with(1, "manifest unknown");
    skopeo.run(&["list-tags", "--tls-verify=false", &skopeo.name("nobody/app")]).fails_with(1, "");
}

#[test]
fn an_image_of_another_repository_is_mounted() {
    let skopeo = Skopeo::new();
    layout::write(&skopeo.side.engine.dir.join("from"), "1", &[("a", b"a")]);
    skopeo.copy(&skopeo.file("oci", "from:1"), &skopeo.name("ada/app:1")).ok();
    skopeo.copy(&skopeo.name("ada/app:1"), &skopeo.name("ben/app:1")).ok();
    let names = ["ada/app:1", "ben/app:1"].map(|name| skopeo.name(name));
    let [ada, ben] = names.map(|name| skopeo.run(&["inspect", "--raw", "--tls-verify=false", &name]).ok());
    assert_eq!(ada, ben);
}
