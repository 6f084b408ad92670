//! Registries that answer with the wrong thing, too much, or nothing.

use crate::support::{
    HOST, Say, Server, Town, answer, config, head, image, impatient, manifest, not_found, ok, repository,
    repository_with,
};
use registry::{Digest, Error, Platform, Repository, media_type};
use std::time::Duration;

/// The server must live as long as the test.
async fn registry(script: impl Fn(&crate::support::Asked) -> Vec<Say> + Send + Sync + 'static) -> (Server, Repository) {
    let server = Server::start(script).await;
    let repository = repository(&server);
    (server, repository)
}

/// A registry whose every manifest is this.
async fn only(said: Vec<Say>) -> (Server, Repository) {
    registry(move |asked| if asked.path == "/v2/" { Vec::new() } else { said.clone() }).await
}

#[tokio::test]
async fn an_honest_manifest_comes_byte_for_byte() {
    let bytes = image(b"layer");
    let (server, repository) = only(manifest(&bytes)).await;
    let got = repository.manifest("1.0").await.unwrap();
    assert_eq!((&got.bytes[..], got.media_type.as_str()), (&bytes[..], media_type::OCI_MANIFEST));
    assert_eq!(got.digest, Digest::of(&bytes));
    assert_eq!(repository.manifest(got.digest.as_str()).await.unwrap(), got);
    let asked = server.asked();
    assert_eq!(asked[0].path, "/v2/team/app/manifests/1.0");
    assert_eq!(asked[0].headers["host"], HOST);
    assert!(!asked[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_web_page_is_no_manifest() {
    let page = answer(200, &[("Content-Type", "text/html; charset=utf-8")], "<html>Welcome</html>");
    let (_server, repository) = only(page.clone()).await;
    let error = repository.manifest("1").await.unwrap_err();
    assert!(matches!(&error, Error::NotARegistry(words) if words.contains(HOST)), "{error}");
    let missing = answer(404, &[("Content-Type", "text/html")], "<html>404</html>");
    let (_server, repository) = only(missing.clone()).await;
    assert!(matches!(repository.manifest("1").await, Err(Error::NotARegistry(_))));
    for page in [page, missing] {
        let (server, repository) = registry(move |_| page.clone()).await;
        assert!(matches!(repository.manifest("1").await, Err(Error::NotARegistry(_))));
        assert!(server.asked().is_empty(), "it was asked for a manifest after it had shown that it has none");
    }
}

#[tokio::test]
async fn what_is_not_what_was_asked_for_is_refused() {
    let bytes = image(b"layer");
    let other = Digest::of(b"other");
    let kind = ("Content-Type", media_type::OCI_MANIFEST);
    let (_server, repository) = only(answer(200, &[kind], &bytes)).await;
    let error = repository.manifest(other.as_str()).await.unwrap_err();
    assert!(matches!(&error, Error::Lied(words) if words.contains(other.as_str())), "{error}");
    for headers in [
        vec![kind, ("Docker-Content-Digest", other.as_str())],
        vec![kind, ("Docker-Content-Digest", "nonsense")],
        vec![("Content-Type", media_type::OCI_INDEX)],
        vec![("Content-Type", media_type::DOCKER_MANIFEST)],
    ] {
        let (_server, repository) = only(answer(200, &headers, &bytes)).await;
        assert!(matches!(repository.manifest("1").await, Err(Error::Lied(_))), "{headers:?}");
    }
}

#[tokio::test]
async fn a_manifest_of_the_old_kind_is_named() {
    let kind = [("Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws")];
    let (_server, repository) = only(answer(200, &kind, r#"{"schemaVersion":1}"#)).await;
    let error = repository.manifest("1").await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)));
    assert!(error.to_string().starts_with("docker manifest v1 is no longer supported"));
}

#[tokio::test]
async fn no_answer_is_read_without_end() {
    let (_server, repository) = only(vec![Say::Bytes(head(200, &[("Content-Length", "5000000")])), Say::Nothing]).await;
    assert!(matches!(repository.manifest("1").await, Err(Error::TooLarge(_))));
    let chunk = [b"1000\r\n", &[b' '; 0x1000][..], b"\r\n"].concat();
    let endless = move |status| {
        vec![Say::Bytes(head(status, &[("Transfer-Encoding", "chunked")])), Say::Endlessly(chunk.clone())]
    };
    let (_server, repository) = only(endless(200)).await;
    assert!(matches!(repository.manifest("1").await, Err(Error::TooLarge(_))));
    let (_server, repository) = only(endless(400)).await;
    assert!(matches!(repository.manifest("1").await, Err(Error::Registry { status: 400, .. })));
    let (_server, repository) =
        only(vec![Say::Bytes(b"HTTP/1.1 200 OK\r\n".to_vec()), Say::Endlessly(b"A: b\r\n".to_vec())]).await;
    assert!(matches!(repository.manifest("1").await, Err(Error::NotARegistry(_))));
    let (_server, repository) = registry(move |_| endless(200)).await;
    assert!(repository.manifest("1").await.is_err());
}

#[tokio::test]
async fn silence_ends() {
    let unfinished = vec![Say::Bytes(head(200, &[("Content-Length", "10")])), Say::Bytes(b"{".to_vec()), Say::Nothing];
    for said in [vec![Say::Nothing], unfinished] {
        let server = Server::start(move |asked| if asked.path == "/v2/" { Vec::new() } else { said.clone() }).await;
        let repository = repository_with(impatient(), Town::new().with(HOST, &server));
        let error = repository.manifest("1").await.unwrap_err();
        assert!(matches!(error, Error::TimedOut(_)), "{error}");
        assert!(error.to_string().contains("nothing came for 0.5 s"), "{error}");
        // Once is enough.
        assert_eq!(server.asked().len(), 1);
        server.wait_until_left().await;
    }
}

#[tokio::test]
async fn a_drip_ends() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/v2/" => Vec::new(),
        _ => vec![Say::Bytes(head(200, &[("Content-Length", "100000")])), Say::Drip],
    })
    .await;
    let mut config = config();
    config.timeouts.whole = Duration::from_millis(500);
    let repository = repository_with(config, Town::new().with(HOST, &server));
    let error = repository.manifest("1").await.unwrap_err();
    assert!(
        matches!(&error, Error::TimedOut(words) if words.ends_with("the answer did not end within 0.5 s")),
        "{error}"
    );
}

#[tokio::test]
async fn what_speaks_no_http_is_no_registry() {
    let (_server, repository) = registry(|_| vec![Say::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec())]).await;
    assert!(matches!(repository.manifest("1").await, Err(Error::NotARegistry(_))));
}

#[tokio::test]
async fn hang_ups_are_taken_once_or_twice() {
    let bytes = image(b"");
    let (server, repository) = registry(move |asked| match (asked.path.as_str(), asked.before) {
        ("/v2/", 0) => vec![Say::HangUp],
        ("/v2/", _) => Vec::new(),
        (_, 0) => vec![Say::HangUp],
        (_, 1) => vec![Say::Bytes(b"HTTP/1.1 200 OK\r\nConte".to_vec()), Say::HangUp],
        _ => manifest(&bytes),
    })
    .await;
    repository.manifest("1").await.unwrap();
    assert_eq!(server.asked().len(), 3);
    let (_server, repository) = only(vec![Say::HangUp]).await;
    let error = repository.manifest("1").await.unwrap_err();
    assert!(matches!(error, Error::Broken(_)), "{error}");
}

#[tokio::test]
async fn what_is_missing_or_denied_is_told_in_dockers_words() {
    let (_server, repository) = only(not_found()).await;
    let wanted = format!("manifest for {HOST}/team/app:1 not found: manifest unknown: manifest unknown");
    for error in [repository.manifest("1").await.unwrap_err(), repository.resolve("1").await.unwrap_err()] {
        assert!(matches!(error, Error::NotFound(_)));
        assert_eq!(error.to_string(), wanted);
    }
    let (_server, repository) =
        only(answer(403, &[], r#"{"errors":[{"code":"DENIED","message":"no\u001b[2J"}]}"#)).await;
    let error = repository.manifest("1").await.unwrap_err();
    assert!(matches!(error, Error::Denied(_)));
    let wanted = "pull access denied for registry.test:5000/team/app, repository does not exist or may require 'docker login': \
        denied: no[2J";
    assert_eq!(error.to_string(), wanted);
}

#[tokio::test]
async fn docker_hubs_own_images_have_short_names() {
    let server = Server::start(|asked| if asked.path == "/v2/" { Vec::new() } else { not_found() }).await;
    let authority = crate::support::Authority::new();
    let secure = Server::secure(authority.vouch_for("registry-1.docker.io"), |asked| {
        if asked.path == "/v2/" { Vec::new() } else { not_found() }
    })
    .await;
    let town = Town::new().with("registry-1.docker.io:443", &secure).with(HOST, &server);
    let client = registry::Client::new(registry::Config { authorities: authority.pem(), ..config() }).unwrap();
    let town = std::sync::Arc::new(town);
    for (path, shown) in [("library/debian", "debian:1"), ("bitnami/redis", "bitnami/redis:1")] {
        let repository = client.repository("docker.io", path, None, town.clone()).unwrap();
        let error = repository.manifest("1").await.unwrap_err();
        assert_eq!(error.to_string(), format!("manifest for {shown} not found: manifest unknown: manifest unknown"));
    }
    assert_eq!(secure.asked_for()[0], "GET /v2/library/debian/manifests/1");
}

#[tokio::test]
async fn a_busy_registry_is_asked_again() {
    let bytes = image(b"");
    let (server, repository) = registry(move |asked| match asked.before {
        _ if asked.path == "/v2/" => Vec::new(),
        0 => answer(429, &[("Retry-After", "0")], ""),
        1 => answer(503, &[], "busy"),
        2 => answer(429, &[("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")], ""),
        _ => manifest(&bytes),
    })
    .await;
    repository.manifest("1").await.unwrap();
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_registry_that_stays_busy_is_left_alone() {
    let body = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your limit"}]}"#;
    let (server, repository) = only(answer(429, &[("Retry-After", "0")], body)).await;
    let error = repository.manifest("1").await.unwrap_err();
    assert!(matches!(&error, Error::RateLimited(words) if words.contains("You have reached your limit")), "{error}");
    assert_eq!(server.asked().len(), 4);
    let (server, repository) = only(answer(429, &[("Retry-After", "3600")], body)).await;
    let waiting = tokio::time::timeout(Duration::from_secs(60), repository.manifest("1"));
    assert!(matches!(waiting.await.unwrap(), Err(Error::RateLimited(_))));
    assert_eq!(server.asked().len(), 1);
    let (server, repository) = only(answer(500, &[], "")).await;
    assert!(matches!(repository.manifest("1").await, Err(Error::Registry { status: 500, .. })));
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn what_a_tag_stands_for_is_told_without_the_manifest() {
    let bytes = image(b"");
    let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
    let (server, repository) = only(vec![Say::Bytes(head(
        200,
        &[
            ("Content-Type", media_type::OCI_MANIFEST),
            ("Docker-Content-Digest", digest.as_str()),
            ("Content-Length", &size.to_string()),
        ],
    ))])
    .await;
    let resolved = repository.resolve("1").await.unwrap();
    assert_eq!((&resolved.digest, resolved.size), (&digest, size));
    assert_eq!(server.asked_for(), ["HEAD /v2/team/app/manifests/1"]);
    let other = Digest::of(b"other");
    assert!(matches!(repository.resolve(other.as_str()).await, Err(Error::Lied(_))));
    // A registry that does not say it, or does not know HEAD.
    for said in [head(200, &[]), head(405, &[("Content-Length", "0")])] {
        let bytes = bytes.clone();
        let (_server, repository) = registry(move |asked| match asked.method.as_str() {
            "HEAD" => vec![Say::Bytes(said.clone()), Say::HangUp],
            _ if asked.path == "/v2/" => Vec::new(),
            _ => manifest(&bytes),
        })
        .await;
        assert_eq!(repository.resolve("1").await.unwrap().digest, digest);
    }
}

#[tokio::test]
async fn tags_come_page_by_page_up_to_a_limit() {
    let (server, repository) = registry(|asked| match (asked.path.as_str(), asked.before) {
        ("/v2/", _) => Vec::new(),
        (_, 0) => answer(
            200,
            &[("Link", "</v2/team/app/tags/list?last=b&n=2>; rel=\"next\"")],
            r#"{"name":"team/app","tags":["a","b"]}"#,
        ),
        _ => ok(r#"{"tags":["c","../\u001b"]}"#),
    })
    .await;
    assert_eq!(repository.tags().await.unwrap(), ["a", "b", "c"]);
    assert_eq!(server.asked()[1].query, "last=b&n=2");
    let (_server, repository) = only(ok(r#"{"tags":null}"#)).await;
    assert!(repository.tags().await.unwrap().is_empty());
    let (server, repository) = only(answer(200, &[("Link", "</v2/more>; rel=next")], r#"{"tags":["a"]}"#)).await;
    assert!(matches!(repository.tags().await, Err(Error::TooLarge(_))));
    assert!(server.asked().len() <= 200);
    let (_server, repository) =
        only(answer(200, &[("Link", "<http://elsewhere.test/v2/>; rel=next")], r#"{"tags":[]}"#)).await;
    assert!(matches!(repository.tags().await, Err(Error::BadRedirect(_))));
}

/// Engines run pulls as tasks of their own.
#[test]
fn everything_can_be_awaited_on_another_thread() {
    fn is_send<T: Send>(_: T) {}
    let client = registry::Client::new(config()).unwrap();
    let dial = || std::sync::Arc::new(Town::new());
    let repository = client.repository(HOST, "a", None, dial()).unwrap();
    let descriptor = registry::Descriptor::of("l", b"");
    let mut download = repository.blob(&descriptor);
    let platform = Platform::here();
    is_send(repository.image("1", &platform));
    is_send(repository.resolve("1"));
    is_send(repository.tags());
    is_send(repository.upload_blob(&descriptor, &bytes::Bytes::new(), &|_| {}));
    is_send(repository.mount_blob(&descriptor.digest, "a"));
    is_send(download.chunk());
    is_send(client.search("a", 1, dial()));
    is_send(client.login("a", &registry::Credentials::RegistryToken(String::new()), dial()));
}

#[tokio::test]
async fn names_that_would_be_more_than_names_are_refused() {
    let client = registry::Client::new(config()).unwrap();
    for path in ["", "../a", "a/../b", "a?b", "A", "a/"] {
        let dial = std::sync::Arc::new(Town::new());
        assert!(matches!(client.repository(HOST, path, None, dial), Err(Error::Invalid(_))), "{path}");
    }
    let (server, repository) = only(not_found()).await;
    for which in ["", "a/b", "a?b", "../x", "sha256:1", "a:b"] {
        assert!(matches!(repository.manifest(which).await, Err(Error::Invalid(_))), "{which}");
        assert!(matches!(repository.put_manifest(which, "a", "".into()).await, Err(Error::Invalid(_))), "{which}");
        assert!(matches!(repository.delete_manifest(which).await, Err(Error::Invalid(_))), "{which}");
    }
    assert!(matches!(repository.mount_blob(&Digest::of(b""), "../b").await, Err(Error::Invalid(_))));
    assert!(server.asked().is_empty());
}
