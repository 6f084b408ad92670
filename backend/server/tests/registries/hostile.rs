//! Registries that are broken or bad: each is told apart, and nothing of what they sent stays. What falls silent is the crate
//! `registry`'s to test: it is waited for too long here.

use crate::common::Engine;
use crate::relay::Relay;
use crate::stored;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const TAR: &str = "application/vnd.oci.image.layer.v1.tar";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// What is answered to a path.
#[derive(Clone)]
struct Answer {
    head: String,
    body: Vec<u8>,
    /// More than comes.
    promised: usize,
}

impl Answer {
    fn new(status: &str, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let promised = body.len();
        Self { head: format!("{status}\r\nContent-Type: {media_type}"), body, promised }
    }

    fn ok(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new("200 OK", media_type, body)
    }

    /// With only half of its body.
    fn half(mut self) -> Self {
        self.body.truncate(self.promised / 2);
        self
    }
}

/// A registry of one image, `bad`, whose answers are as they are made.
#[derive(Default)]
struct Bad(HashMap<String, Answer>);

impl Bad {
    fn answer(mut self, path: &str, answer: Answer) -> Self {
        self.0.insert(path.to_owned(), answer);
        self
    }

    fn manifest(self, media_type: &str, manifest: &Value) -> Self {
        self.answer("/v2/bad/manifests/latest", Answer::ok(media_type, manifest.to_string()))
    }

    fn blob(self, bytes: &[u8], change: impl FnOnce(Answer) -> Answer) -> Self {
        let answer = change(Answer::ok("application/octet-stream", bytes));
        self.answer(&format!("/v2/bad/blobs/{}", digest(bytes)), answer)
    }

    /// An image of one layer, which is said to be `diff_id`.
    fn image(self, layer: &[u8], media_type: &str, diff_id: &str, change: impl FnOnce(Answer) -> Answer) -> Self {
        let config = config(diff_id);
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": part(CONFIG, config.as_bytes()), "layers": [part(media_type, layer)]
        });
        self.manifest(MANIFEST, &manifest).blob(config.as_bytes(), |answer| answer).blob(layer, change)
    }

    fn serve(self, socket: &PathBuf) {
        let (listener, answers) = (UnixListener::bind(socket).unwrap(), Arc::new(self.0));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let answers = answers.clone();
                thread::spawn(move || {
                    let _ = answer(client, &answers);
                });
            }
        });
    }
}

fn answer(mut client: UnixStream, answers: &HashMap<String, Answer>) -> std::io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?).lines();
    let Some(first) = lines.next().transpose()? else { return Ok(()) };
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default();
    let everything_else = match path {
        "/v2/" => Answer::ok("application/json", "{}"),
        _ => Answer::new("404 Not Found", "application/json", "{}"),
    };
    let Answer { head, body, promised } = answers.get(path).cloned().unwrap_or(everything_else);
    write!(client, "HTTP/1.1 {head}\r\nContent-Length: {promised}\r\nConnection: close\r\n\r\n")?;
    client.write_all(&body)?;
    Ok(())
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |digest, byte| format!("{digest}{byte:02x}"))
}

fn config(diff_id: &str) -> String {
    json!({ "architecture": "amd64", "os": "linux", "rootfs": { "type": "layers", "diff_ids": [diff_id] } }).to_string()
}

fn part(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

fn tar(name: &str, content: impl Read, size: u64, to: impl Write) {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    let mut archive = tar::Builder::new(to);
    archive.append_data(&mut header, name, content.take(size)).unwrap();
    archive.finish().unwrap();
}

#[test]
fn each_gets_a_clear_error_and_leaves_nothing() {
    let engine = Engine::start();
    let pid = engine.inside();
    let before = (stored(&engine), engine.docker(&["images", "-aq"]).ok());

    let mut good = Vec::new();
    tar("file", &b"ahoy"[..], 4, &mut good);
    let diff_id = digest(&good);
    let mut bomb = zstd::Encoder::new(Vec::new(), 1).unwrap();
    tar("zeros", std::io::repeat(0), 1200 << 20, &mut bomb);
    let bomb = bomb.finish().unwrap();
    let mut outside = Vec::new();
    tar("x", &b"x"[..], 1, &mut outside);
    // As `tar` itself would not write it.
    outside[..10].copy_from_slice(b"../outside");
    let sum: u32 = outside[..512]
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    outside[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());

    let plain = |answer: Answer| answer;
    let page = || Answer::ok("text/html", "<html>Please log in to the hotel's network</html>");
    let image = |layer: &[u8], diff_id: &str| Bad::default().image(layer, TAR, diff_id, plain);
    let lying = |size: usize| {
        let config = r#"{"rootfs":{"type":"layers","diff_ids":[]}}"#;
        let mut manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": part(CONFIG, config.as_bytes()), "layers": [] });
        manifest["config"]["size"] = size.into();
        Bad::default().manifest(MANIFEST, &manifest).blob(config.as_bytes(), plain)
    };
    let too_many = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": part(CONFIG, config(&diff_id).as_bytes()), "layers": [part(TAR, &good), part(TAR, &good)]
    });
    // An index of an index of an index …; a cycle would need a digest that contains itself.
    let mut nested = Bad::default();
    let mut inner = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] });
    for _ in 0..20 {
        let bytes = inner.to_string();
        let own = digest(bytes.as_bytes());
        nested = nested.answer(&format!("/v2/bad/manifests/{own}"), Answer::ok(INDEX, bytes.clone()));
        let mut listed = part(INDEX, bytes.as_bytes());
        listed["platform"] = json!({ "architecture": "amd64", "os": "linux" });
        inner = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [listed] });
    }

    // What is kept in registries beside images.
    let other = |kind: &str, config: &str, layer: &str| {
        let parts = (part(config, b"{}"), part(layer, &good));
        Bad::default()
            .manifest(kind, &json!({ "schemaVersion": 2, "mediaType": kind, "config": parts.0, "layers": [parts.1] }))
    };
    let windows = config(&diff_id).replace("linux", "windows");
    let for_windows = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": part(CONFIG, windows.as_bytes()), "layers": [part(TAR, &good)]
    });
    let mut for_others = part(MANIFEST, b"an image");
    for_others["platform"] = json!({ "architecture": "s390x", "os": "linux" });
    let for_others = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [for_others] });

    let cases = [
        (
            "a chart",
            other(MANIFEST, "application/vnd.cncf.helm.config.v1+json", TAR),
            "unsupported media type application/vnd.cncf.helm.config.v1+json",
        ),
        (
            "an attestation",
            other(MANIFEST, CONFIG, "application/vnd.in-toto+json"),
            "unsupported media type application/vnd.in-toto+json",
        ),
        (
            "a plugin",
            other("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.plugin.v1+json", TAR),
            "Encountered remote \"application/vnd.docker.plugin.v1+json\"(plugin) when fetching",
        ),
        (
            "an image for Windows",
            Bad::default().manifest(MANIFEST, &for_windows).blob(windows.as_bytes(), plain),
            "image operating system \"windows\" cannot be used on this platform: operating system is not supported",
        ),
        (
            "an image for other machines",
            Bad::default().manifest(INDEX, &for_others),
            "no matching manifest for linux/amd64 in the manifest list entries",
        ),
        ("a page instead of a registry", Bad::default().answer("/v2/", page()), "does not answer as a registry does"),
        ("a page instead of a manifest", Bad::default().answer("/v2/bad/manifests/latest", page()), "a web page"),
        ("no manifest", Bad::default().manifest(MANIFEST, &json!([1])), "manifest"),
        ("an endless index", nested.manifest(INDEX, &inner), "index"),
        ("a configuration that is longer than said", lying(3), "3 bytes"),
        ("a configuration that is shorter than said", lying(3000), "3000"),
        (
            "a layer too many",
            image(&good, &diff_id).manifest(MANIFEST, &too_many),
            "names 1 layers, its manifest has 2",
        ),
        (
            "another layer than the image names",
            image(&good, &digest(b"another")),
            "is not the one that the image names",
        ),
        ("a layer that is no archive", image(&[7; 2048], &digest(&[7; 2048])), "this is no tar"),
        ("a layer that leaves its directory", image(&outside, &digest(&outside)), "outside"),
        ("a bomb", Bad::default().image(&bomb, ZSTD, &digest(b"whatever"), plain), "200"),
        ("a layer of which half comes", Bad::default().image(&good, TAR, &diff_id, Answer::half), "broke off"),
        (
            "a redirect to itself",
            Bad::default().answer(
                "/v2/bad/manifests/latest",
                Answer::new("302 Found\r\nLocation: /v2/bad/manifests/latest", "text/plain", ""),
            ),
            "redirect",
        ),
        (
            "a redirect into a private network",
            Bad::default().image(&good, TAR, &diff_id, |_| {
                Answer::new(
                    "307 Temporary Redirect\r\nLocation: http://169.254.169.254/latest/meta-data",
                    "text/plain",
                    "",
                )
            }),
            "169.254.169.254",
        ),
    ];
    let mut wrong = Vec::new();
    for ((what, bad, words), port) in cases.into_iter().zip(5000..) {
        let socket = engine.dir.join(format!("bad-{port}"));
        bad.serve(&socket);
        let _way = Relay::start(pid, port, socket);
        let pulled = engine.docker(&["pull", &format!("localhost:{port}/bad")]);
        if pulled.code != 1 || !pulled.err.contains(words) {
            wrong.push(format!("{what}: wanted {words:?}: {pulled:?}"));
        }
        if (stored(&engine), engine.docker(&["images", "-aq"]).ok()) != before {
            wrong.push(format!("{what}: something is left"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
