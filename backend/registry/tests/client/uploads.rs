//! Uploads: where registries send them, and what they say in between.

use crate::support::{
    Asked, HOST, Say, Server, Town, answer, config, head, impatient, noise, ok, repository, repository_with,
};
use bytes::Bytes;
use registry::{Client, Credentials, Descriptor, Digest, Error, Opening, Source};
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Answers a `POST` with this place, and takes what comes.
fn taking(location: &'static str) -> impl Fn(&Asked) -> Vec<Say> + Send + Sync + 'static {
    move |asked| match asked.method.as_str() {
        "POST" => answer(202, &[("Location", location)], ""),
        "PATCH" => answer(202, &[], ""),
        "PUT" => answer(201, &[], ""),
        _ => Vec::new(),
    }
}

/// Content that counts how often it is opened.
struct Counted(Bytes, AtomicUsize);

impl Source for Counted {
    fn open(&self) -> Opening<'_> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.open()
    }
}

#[tokio::test]
async fn uploads_go_where_the_registry_says() {
    let content = noise(300_000);
    for (location, path, query) in [
        ("/v2/team/app/blobs/uploads/7?_state=x%3D", "/v2/team/app/blobs/uploads/7", "_state=x%3D"),
        ("http://registry.test:5000/u/7", "/u/7", ""),
        ("7?a=b", "/v2/team/app/blobs/uploads/7", "a=b"),
        ("//registry.test:5000/u", "/u", ""),
    ] {
        let server = Server::start(taking(location)).await;
        let descriptor = Descriptor::of("l", &content);
        let sent = AtomicU64::new(0);
        let count = |bytes| sent.store(bytes, Ordering::SeqCst);
        repository(&server).upload_blob(&descriptor, &Bytes::from(content.clone()), &count).await.unwrap();
        let [begun, patched, put] = <[Asked; 3]>::try_from(server.asked()).unwrap();
        assert_eq!(
            (begun.path.as_str(), begun.headers["content-length"].as_str()),
            ("/v2/team/app/blobs/uploads/", "0")
        );
        assert_eq!((patched.path.as_str(), patched.query.as_str()), (path, query));
        assert!(patched.body == content, "{location}");
        assert_eq!(put.path, path);
        let digest = format!("digest=sha256%3A{}", descriptor.digest.as_str().strip_prefix("sha256:").unwrap());
        assert_eq!(put.query, if query.is_empty() { digest } else { format!("{query}&{digest}") });
        assert_eq!(sent.load(Ordering::SeqCst), 300_000);
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn each_answer_may_send_it_on() {
    let server = Server::start(|asked| match asked.method.as_str() {
        "POST" => answer(202, &[("Location", "/one")], ""),
        "PATCH" => answer(202, &[("Location", "/two?state=1")], ""),
        "PUT" => answer(201, &[("Location", "/v2/team/app/blobs/x")], ""),
        _ => Vec::new(),
    })
    .await;
    repository(&server).upload_blob(&Descriptor::of("l", b""), &Bytes::new(), &|_| {}).await.unwrap();
    assert_eq!(server.asked_for(), ["POST /v2/team/app/blobs/uploads/", "PATCH /one", "PUT /two"]);
    assert!(server.asked()[2].query.starts_with("state=1&digest="));
}

#[tokio::test]
async fn elsewhere_credentials_are_not_shown() {
    let store = Server::start(taking("")).await;
    let server = Server::start(|asked| match (asked.method.as_str(), asked.headers.get("authorization")) {
        (_, None) => answer(401, &[("WWW-Authenticate", "Basic")], ""),
        ("POST", _) => answer(202, &[("Location", "http://store.test/u")], ""),
        _ => Vec::new(),
    })
    .await;
    let town = Town::new().with(HOST, &server).with("store.test:80", &store);
    let credentials = Some(Credentials::Password { username: "a".to_owned(), password: "b".to_owned() });
    let repository = Client::new(config()).unwrap().repository(HOST, "a", credentials, Arc::new(town)).unwrap();
    repository.upload_blob(&Descriptor::of("l", b"x"), &Bytes::from("x"), &|_| {}).await.unwrap();
    assert_eq!(store.asked_for(), ["PATCH /u", "PUT /u"]);
    assert!(store.asked().iter().all(|asked| !asked.headers.contains_key("authorization")));
}

#[tokio::test]
async fn places_that_are_none_are_refused() {
    for location in ["ftp://registry.test/u", "http://a:b@registry.test:5000/u"] {
        let server = Server::start(taking(location)).await;
        let uploaded = repository(&server).upload_blob(&Descriptor::of("l", b"x"), &Bytes::from("x"), &|_| {}).await;
        assert!(matches!(uploaded, Err(Error::BadRedirect(_))), "{location}");
    }
    let server = Server::start(|asked| if asked.path == "/v2/" { Vec::new() } else { answer(202, &[], "") }).await;
    let uploaded = repository(&server).upload_blob(&Descriptor::of("l", b"x"), &Bytes::from("x"), &|_| {}).await;
    assert!(matches!(uploaded, Err(Error::NotARegistry(_))));
}

#[tokio::test]
async fn a_broken_upload_begins_again() {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    let server = Server::start(move |asked| match asked.method.as_str() {
        "PATCH" => match count.fetch_add(1, Ordering::SeqCst) {
            0 => vec![Say::HangUp],
            1 => answer(404, &[], r#"{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"blob upload unknown"}]}"#),
            2 => answer(500, &[], ""),
            _ => answer(202, &[], ""),
        },
        _ => taking("/u")(asked),
    })
    .await;
    let content = Counted(Bytes::from(noise(200_000)), AtomicUsize::new(0));
    let descriptor = Descriptor::of("l", &content.0);
    let sent = Mutex::new(Vec::new());
    let seen = |bytes| sent.lock().unwrap().push(bytes);
    repository(&server).upload_blob(&descriptor, &content, &seen).await.unwrap();
    assert!(content.1.load(Ordering::SeqCst) >= 4);
    assert_eq!(sent.lock().unwrap().last(), Some(&200_000));
    let bodies: Vec<_> = server.asked().into_iter().filter(|asked| asked.method == "PATCH").map(|it| it.body).collect();
    assert!(bodies.iter().all(|body| *body == content.0));
}

#[tokio::test]
async fn a_refusal_in_the_middle_is_heard() {
    let refusal = r#"{"errors":[{"code":"DENIED","message":"too much of it"}]}"#;
    let server = Server::hasty(move |asked| match asked.method.as_str() {
        // Not all of it at once.
        "PATCH" => {
            let head = head(403, &[("Content-Length", &refusal.len().to_string())]);
            vec![Say::Bytes(head), Say::Pause, Say::Bytes(refusal.into()), Say::Nothing]
        }
        _ => taking("/u")(asked),
    })
    .await;
    // More than fits into the buffers in between.
    let content = Bytes::from(vec![0; 20_000_000]);
    let uploaded = repository(&server).upload_blob(&Descriptor::of("l", &content), &content, &|_| {}).await;
    let error = uploaded.unwrap_err();
    assert!(matches!(error, Error::Denied(_)));
    assert_eq!(error.to_string(), "denied: too much of it");
}

#[tokio::test]
async fn a_registry_that_takes_nothing_is_left() {
    let server = Server::hasty(|asked| match asked.method.as_str() {
        "PATCH" => vec![Say::Bytes(Vec::new()), Say::Nothing],
        _ => taking("/u")(asked),
    })
    .await;
    let content = Bytes::from(noise(100));
    let repository = repository_with(impatient(), Town::new().with(HOST, &server));
    let uploaded = repository.upload_blob(&Descriptor::of("l", &content), &content, &|_| {}).await;
    assert!(matches!(uploaded, Err(Error::TimedOut(_))));
}

#[tokio::test]
async fn a_token_that_expires_in_the_middle_is_replaced() {
    let server = Server::start(|asked| match (asked.method.as_str(), asked.headers.get("authorization")) {
        ("PATCH", Some(shown)) if shown == "Bearer token-0" => {
            answer(401, &[("WWW-Authenticate", "Bearer realm=\"http://auth.test/\"")], "")
        }
        (_, None) => answer(401, &[("WWW-Authenticate", "Bearer realm=\"http://auth.test/\"")], ""),
        _ => taking("/u")(asked),
    })
    .await;
    let tokens = Server::start(|asked| ok(format!(r#"{{"token":"token-{}"}}"#, asked.before))).await;
    let repository = repository_with(config(), Town::new().with(HOST, &server).with("auth.test:80", &tokens));
    let content = Counted(Bytes::from(noise(1000)), AtomicUsize::new(0));
    repository.upload_blob(&Descriptor::of("l", &content.0), &content, &|_| {}).await.unwrap();
    assert_eq!(content.1.load(Ordering::SeqCst), 2);
    assert_eq!(server.asked().last().unwrap().headers["authorization"], "Bearer token-1");
}

struct Unreadable;

impl Source for Unreadable {
    fn open(&self) -> Opening<'_> {
        Box::pin(std::future::ready(Err(io::ErrorKind::PermissionDenied.into())))
    }
}

#[tokio::test]
async fn content_that_is_not_what_it_should_be_is_not_sent() {
    let server = Server::start(taking("/u")).await;
    let repository = repository(&server);
    let descriptor = Descriptor::of("l", b"just right");
    for content in ["short", "much too long for that"] {
        let uploaded = repository.upload_blob(&descriptor, &Bytes::from(content), &|_| {}).await;
        let error = uploaded.unwrap_err();
        assert!(matches!(error, Error::Source(_)), "{error}");
    }
    let uploaded = repository.upload_blob(&descriptor, &Unreadable, &|_| {}).await;
    assert!(matches!(uploaded, Err(Error::Source(error)) if error.kind() == io::ErrorKind::PermissionDenied));
    assert!(server.asked().iter().all(|asked| asked.method != "PUT"));
}

#[tokio::test]
async fn blobs_are_taken_over_from_elsewhere_if_the_registry_can() {
    let digest = Digest::of(b"a");
    let server = Server::start(|asked| match asked.method.as_str() {
        "POST" if asked.query.contains("from=known") => answer(201, &[], ""),
        "DELETE" => answer(204, &[], ""),
        _ => taking("/u")(asked),
    })
    .await;
    let repository = repository(&server);
    assert!(repository.mount_blob(&digest, "known/one").await.unwrap());
    assert_eq!(server.asked()[0].query, format!("mount={digest}&from=known/one"));
    assert!(!repository.mount_blob(&digest, "other").await.unwrap());
    // What was begun instead is ended.
    assert_eq!(server.asked_for().last().unwrap(), "DELETE /u");
}

#[tokio::test]
async fn manifests_are_stored_as_they_are() {
    let body = Bytes::from("{}");
    let digest = Digest::of(&body);
    let server = Server::start(|asked| match asked.path.as_str() {
        "/v2/" => Vec::new(),
        "/v2/team/app/manifests/lie" => answer(201, &[("Docker-Content-Digest", Digest::of(b"other").as_str())], ""),
        "/v2/team/app/manifests/bad" => answer(
            400,
            &[],
            r#"{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry","detail":"sha256:1"}]}"#,
        ),
        _ => answer(201, &[], ""),
    })
    .await;
    let repository = repository(&server);
    assert_eq!(repository.put_manifest("1", "application/x", body.clone()).await.unwrap(), digest);
    assert_eq!(repository.put_manifest(digest.as_str(), "application/x", body.clone()).await.unwrap(), digest);
    let asked = &server.asked()[0];
    assert_eq!((asked.headers["content-type"].as_str(), &asked.body[..]), ("application/x", &body[..]));
    assert!(matches!(repository.put_manifest("lie", "application/x", body.clone()).await, Err(Error::Lied(_))));
    let error = repository.put_manifest("bad", "application/x", body.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "manifest blob unknown: blob unknown to registry");
    for (which, kind) in [(Digest::of(b"other").as_str(), "application/x"), ("1", "a\nb")] {
        assert!(matches!(repository.put_manifest(which, kind, body.clone()).await, Err(Error::Invalid(_))));
    }
}
