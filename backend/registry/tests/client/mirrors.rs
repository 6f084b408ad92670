//! Mirrors: asked first, and never needed.

use crate::support::{Authority, Say, Server, Town, answer, config, head, image, manifest, noise, not_found, ok, read};
use registry::{Client, Config, Credentials, Descriptor, Error, HostConfig, Repository};
use std::sync::Arc;

const HUB: &str = "registry-1.docker.io:443";
const MIRROR: &str = "mirror.test:5000";
const SECOND: &str = "second.test:80";

fn client(authority: &Authority) -> Client {
    let mirrors = vec![format!("http://{MIRROR}"), "http://second.test/".to_owned()];
    let hosts = [("docker.io".to_owned(), HostConfig { mirrors, insecure: false })].into();
    Client::new(Config { hosts, authorities: authority.pem(), ..config() }).unwrap()
}

/// Docker Hub's repository, with a mirror and a second one that answers everything with 500.
fn open(
    authority: &Authority,
    hub: &Server,
    mirror: Option<&Server>,
) -> (Repository, Arc<std::sync::Mutex<Vec<String>>>) {
    let mut town = Town::new().with(HUB, hub);
    if let Some(mirror) = mirror {
        town = town.with(MIRROR, mirror);
    }
    let dialed = town.dialed();
    let credentials = Some(Credentials::Password { username: "a".to_owned(), password: "b".to_owned() });
    (client(authority).repository("docker.io", "library/debian", credentials, Arc::new(town)).unwrap(), dialed)
}

fn hello(asked: &crate::support::Asked) -> bool {
    asked.path == "/v2/"
}

#[tokio::test]
async fn a_mirror_is_asked_first_and_shown_nothing() {
    let authority = Authority::new();
    let bytes = image(b"layer");
    let hub = Server::secure(authority.vouch_for("registry-1.docker.io"), |_| not_found()).await;
    let mirror = Server::start(move |asked| match asked.path.as_str() {
        "/v2/" => Vec::new(),
        "/v2/library/debian/manifests/13" => manifest(&bytes),
        _ => ok("layer"),
    })
    .await;
    let (repository, dialed) = open(&authority, &hub, Some(&mirror));
    repository.manifest("13").await.unwrap();
    repository.resolve("13").await.unwrap();
    assert_eq!(read(repository.blob(&Descriptor::of("l", b"layer"))).await.unwrap(), b"layer");
    assert!(mirror.asked().iter().all(|asked| !asked.headers.contains_key("authorization")));
    assert_eq!(*dialed.lock().unwrap(), [MIRROR]);
}

#[tokio::test]
async fn what_no_mirror_has_comes_from_the_registry() {
    let authority = Authority::new();
    let bytes = image(b"layer");
    let script = bytes.clone();
    let hub = Server::secure(authority.vouch_for("registry-1.docker.io"), move |asked| match asked.path.as_str() {
        "/v2/" => Vec::new(),
        path if path.contains("/manifests/") => manifest(&script),
        _ => ok("layer"),
    })
    .await;
    for answer in [not_found(), answer(500, &[], ""), ok("nonsense"), answer(401, &[], ""), vec![Say::HangUp]] {
        let mirror = Server::start(move |asked| if hello(asked) { Vec::new() } else { answer.clone() }).await;
        let (repository, dialed) = open(&authority, &hub, Some(&mirror));
        assert_eq!(repository.manifest("13").await.unwrap().bytes, bytes);
        assert!(repository.resolve("13").await.is_ok());
        assert_eq!(read(repository.blob(&Descriptor::of("l", b"layer"))).await.unwrap(), b"layer");
        // The second mirror has no address, and is looked for once.
        assert_eq!(dialed.lock().unwrap().iter().filter(|name| *name == SECOND).count(), 1);
    }
    let (repository, dialed) = open(&authority, &hub, None);
    repository.manifest("13").await.unwrap();
    repository.manifest("13").await.unwrap();
    assert_eq!(*dialed.lock().unwrap(), [MIRROR, SECOND, HUB]);
    read(repository.blob(&Descriptor::of("l", b"layer"))).await.unwrap();
}

#[tokio::test]
async fn a_download_that_a_mirror_breaks_off_goes_on_at_the_registry() {
    let authority = Authority::new();
    let content = noise(1000);
    let (script, part) = (content.clone(), content.clone());
    let hub =
        Server::secure(authority.vouch_for("registry-1.docker.io"), move |asked| match asked.headers.get("range") {
            _ if hello(asked) => Vec::new(),
            Some(range) if range == "bytes=300-" => {
                answer(206, &[("Content-Range", "bytes 300-999/1000")], &script[300..])
            }
            _ => not_found(),
        })
        .await;
    let mirror = Server::start(move |asked| match asked.before {
        _ if hello(asked) => Vec::new(),
        0 => vec![Say::Bytes(head(200, &[("Content-Length", "1000")])), Say::Bytes(part[..300].to_vec()), Say::HangUp],
        _ => vec![Say::HangUp],
    })
    .await;
    let (repository, _) = open(&authority, &hub, Some(&mirror));
    assert_eq!(read(repository.blob(&Descriptor::of("l", &content))).await.unwrap(), content);
}

#[tokio::test]
async fn a_sick_mirror_is_soon_passed_over() {
    let authority = Authority::new();
    let bytes = image(b"");
    let hub = Server::secure(authority.vouch_for("registry-1.docker.io"), move |asked| {
        if hello(asked) { Vec::new() } else { manifest(&bytes) }
    })
    .await;
    let mirror =
        Server::start(|asked| if hello(asked) { Vec::new() } else { answer(429, &[("Retry-After", "1")], "") }).await;
    let (repository, _) = open(&authority, &hub, Some(&mirror));
    repository.manifest("1").await.unwrap();
    assert_eq!(mirror.asked().len(), 1);
    // One that does not even greet is not asked a second time.
    let mirror = Server::start(|_| answer(500, &[], "")).await;
    let (repository, dialed) = open(&authority, &hub, Some(&mirror));
    for _ in 0..3 {
        repository.manifest("1").await.unwrap();
    }
    assert_eq!(dialed.lock().unwrap().iter().filter(|name| *name == MIRROR).count(), 1);
}

#[tokio::test]
async fn what_nobody_has_is_told_in_the_registrys_words() {
    let authority = Authority::new();
    let hub = Server::secure(authority.vouch_for("registry-1.docker.io"), |asked| {
        if hello(asked) { Vec::new() } else { not_found() }
    })
    .await;
    let mirror = Server::start(|asked| if hello(asked) { Vec::new() } else { answer(500, &[], "") }).await;
    let (repository, _) = open(&authority, &hub, Some(&mirror));
    let error = repository.manifest("1").await.unwrap_err();
    assert_eq!(error.to_string(), "manifest for debian:1 not found: manifest unknown: manifest unknown");
    assert!(matches!(read(repository.blob(&Descriptor::of("l", b"a"))).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn pushes_go_to_the_registry_itself() {
    let authority = Authority::new();
    let hub =
        Server::secure(
            authority.vouch_for("registry-1.docker.io"),
            |asked| {
                if hello(asked) { Vec::new() } else { ok("") }
            },
        )
        .await;
    let mirror = Server::start(|_| ok("{}")).await;
    let (repository, _) = open(&authority, &hub, Some(&mirror));
    assert!(repository.has_blob(&registry::Digest::of(b"a")).await.unwrap());
    assert!(mirror.asked().is_empty());
}

#[test]
fn what_is_no_mirror_is_found_at_the_start() {
    for (name, mirror) in [("docker.io", "https://a/b"), ("docker.io", ""), ("a/b", "mirror.test")] {
        let hosts = [(name.to_owned(), HostConfig { mirrors: vec![mirror.to_owned()], insecure: false })].into();
        assert!(matches!(Client::new(Config { hosts, ..config() }), Err(Error::Invalid(_))), "{name} {mirror}");
    }
}
