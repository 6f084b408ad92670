//! Showing who asks: to those who may know it, and to nobody else.

use crate::support::{Asked, HOST, Say, Server, Town, answer, config, image, manifest, not_found, read};
use registry::{Client, Credentials, Descriptor, Error, Repository};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const TOKENS: &str = "auth.test:80";

fn password() -> Credentials {
    Credentials::Password { username: "ada".to_owned(), password: "s3cret".to_owned() }
}

/// `ada:s3cret`.
const BASIC: &str = "Basic YWRhOnMzY3JldA==";

fn challenge(scope: &str) -> Vec<Say> {
    let scope = if scope.is_empty() { String::new() } else { format!(",scope=\"{scope}\"") };
    let challenge = format!("Bearer realm=\"http://auth.test/token\",service=\"registry.test\"{scope}");
    answer(
        401,
        &[("WWW-Authenticate", &challenge)],
        r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
    )
}

/// Gives out the tokens `token-0`, `token-1`…
async fn tokens() -> Server {
    Server::start(|asked| answer(200, &[], format!(r#"{{"token":"token-{}","expires_in":300}}"#, asked.before))).await
}

fn bearer(asked: &Asked) -> Option<&str> {
    asked.headers.get("authorization")?.strip_prefix("Bearer ")
}

fn open(registry: &Server, tokens: &Server, credentials: Option<Credentials>) -> Repository {
    let town = Town::new().with(HOST, registry).with(TOKENS, tokens);
    Client::new(config()).unwrap().repository(HOST, "team/app", credentials, Arc::new(town)).unwrap()
}

#[tokio::test]
async fn a_token_is_fetched_once_and_shown_to_the_registry() {
    let bytes = image(b"");
    let registry = Server::start(move |asked| match bearer(asked) {
        Some("token-0") if asked.path.contains("manifests") => manifest(&bytes),
        Some("token-0") => crate::support::ok("layer"),
        // As ghcr.io, which names a scope that nobody wants.
        _ => challenge("repository:user/image:pull"),
    })
    .await;
    let tokens = tokens().await;
    let repository = open(&registry, &tokens, Some(password()));
    repository.manifest("1").await.unwrap();
    let downloads = (0..5).map(|_| read(repository.blob(&Descriptor::of("l", b"layer"))));
    for got in futures_util::future::join_all(downloads).await {
        assert_eq!(got.unwrap(), b"layer");
    }
    let asked = tokens.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("GET", "/token"));
    assert_eq!(asked[0].query, "service=registry.test&scope=repository%3Ateam%2Fapp%3Apull&account=ada");
    assert_eq!(asked[0].headers["authorization"], BASIC);
    for asked in registry.asked() {
        assert_eq!(bearer(&asked), Some("token-0"), "{}", asked.path);
    }
}

#[tokio::test]
async fn those_who_begin_together_fetch_one_token() {
    let registry =
        Server::start(|asked| if bearer(asked).is_some() { crate::support::ok("layer") } else { challenge("") }).await;
    let tokens = tokens().await;
    let repository = open(&registry, &tokens, None);
    let downloads = (0..8).map(|_| read(repository.blob(&Descriptor::of("l", b"layer"))));
    for got in futures_util::future::join_all(downloads).await {
        assert_eq!(got.unwrap(), b"layer");
    }
    assert_eq!(tokens.asked().len(), 1);
    assert!(!tokens.asked()[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_token_that_expires_is_replaced_with_what_the_registry_wants() {
    let bytes = image(b"");
    let registry = Server::start(move |asked| match bearer(asked) {
        Some("token-0") if asked.before == 0 => manifest(&bytes),
        Some("token-1") => manifest(&bytes),
        _ => challenge("repository:team/app:pull other:thing:read"),
    })
    .await;
    let tokens = tokens().await;
    let repository = open(&registry, &tokens, None);
    for _ in 0..3 {
        repository.manifest("1").await.unwrap();
    }
    let asked = tokens.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].query, "service=registry.test&scope=other%3Athing%3Aread&scope=repository%3Ateam%2Fapp%3Apull");
    assert_eq!(registry.asked().len(), 4);
}

#[tokio::test]
async fn a_registry_that_takes_no_token_is_not_asked_for_ever() {
    let registry = Server::start(|_| challenge("")).await;
    let tokens = tokens().await;
    let error = open(&registry, &tokens, Some(password())).manifest("1").await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)), "{error}");
    assert_eq!(error.to_string(), "unauthorized: authentication required");
    assert_eq!((registry.asked().len(), tokens.asked().len()), (2, 2));
}

#[tokio::test]
async fn what_a_token_does_not_allow_is_denied_in_dockers_words() {
    let registry = Server::start(|asked| {
        let error = if bearer(asked).is_some() { ",error=\"insufficient_scope\"" } else { "" };
        let challenge = format!("Bearer realm=\"http://auth.test/token\",service=\"registry.test\"{error}");
        answer(
            401,
            &[("WWW-Authenticate", &challenge)],
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
        )
    })
    .await;
    let error = open(&registry, &tokens().await, None).manifest("1").await.unwrap_err();
    assert!(matches!(error, Error::Denied(_)));
    let wanted = "pull access denied for registry.test:5000/team/app, repository does not exist or may require \
        'docker login': denied: requested access to the resource is denied";
    assert_eq!(error.to_string(), wanted);
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let registry = Server::start(|_| challenge("")).await;
    let tokens = Server::start(|_| answer(401, &[], r#"{"details":"incorrect username or password"}"#)).await;
    let error = open(&registry, &tokens, Some(password())).manifest("1").await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)));
    assert_eq!(error.to_string(), "unauthorized: incorrect username or password");
}

#[tokio::test]
async fn a_password_is_shown_where_it_is_asked_for() {
    let bytes = image(b"");
    let registry = Server::start(move |asked| match asked.headers.get("authorization") {
        Some(shown) if shown == BASIC => manifest(&bytes),
        _ => answer(401, &[("WWW-Authenticate", "Basic realm=\"r\"")], ""),
    })
    .await;
    let tokens = tokens().await;
    open(&registry, &tokens, Some(password())).manifest("1").await.unwrap();
    assert_eq!(registry.asked().len(), 1);
    let error = open(&registry, &tokens, None).manifest("1").await.unwrap_err();
    assert!(matches!(&error, Error::Unauthorized(words) if words.ends_with("no basic auth credentials")), "{error}");
    let wrong = Credentials::Password { username: "ada".to_owned(), password: "wrong".to_owned() };
    let error = open(&registry, &tokens, Some(wrong)).manifest("1").await.unwrap_err();
    assert!(
        matches!(&error, Error::Unauthorized(words) if words == "unauthorized: authentication required"),
        "{error}"
    );
}

#[tokio::test]
async fn a_password_is_not_shown_to_those_who_do_not_ask() {
    let bytes = image(b"");
    let registry = Server::start(move |asked| if asked.path == "/v2/" { Vec::new() } else { manifest(&bytes) }).await;
    open(&registry, &tokens().await, Some(password())).manifest("1").await.unwrap();
    assert!(registry.asked().iter().all(|asked| !asked.headers.contains_key("authorization")));
}

#[tokio::test]
async fn an_identity_token_is_refreshed() {
    let bytes = image(b"");
    let registry =
        Server::start(move |asked| if bearer(asked) == Some("fresh") { manifest(&bytes) } else { challenge("") }).await;
    let tokens = Server::start(|asked| match asked.method.as_str() {
        "POST" => answer(200, &[], r#"{"access_token":"fresh"}"#),
        _ => not_found(),
    })
    .await;
    let credentials = Credentials::IdentityToken("long & lived".to_owned());
    open(&registry, &tokens, Some(credentials)).manifest("1").await.unwrap();
    let asked = &tokens.asked()[0];
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    let form = "grant_type=refresh_token&service=registry.test&client_id=docker&scope=repository%3Ateam%2Fapp%3Apull\
        &refresh_token=long%20%26%20lived";
    assert_eq!(String::from_utf8_lossy(&asked.body), form);
}

#[tokio::test]
async fn a_registry_token_is_shown_as_it_is() {
    let bytes = image(b"");
    let registry =
        Server::start(move |asked| if bearer(asked) == Some("mine") { manifest(&bytes) } else { challenge("") }).await;
    let tokens = tokens().await;
    open(&registry, &tokens, Some(Credentials::RegistryToken("mine".to_owned()))).manifest("1").await.unwrap();
    let other = Credentials::RegistryToken("other".to_owned());
    assert!(matches!(open(&registry, &tokens, Some(other)).manifest("1").await, Err(Error::Unauthorized(_))));
    assert!(tokens.asked().is_empty());
}

#[tokio::test]
async fn tokens_that_are_none_are_refused() {
    let registry = Server::start(|_| challenge("")).await;
    for body in ["{}", "<html>", r#"{"token":"a\r\nX: y"}"#, &format!(r#"{{"token":"{}"}}"#, "a".repeat(200_000))] {
        let body = body.to_owned();
        let tokens = Server::start(move |_| answer(200, &[], &body)).await;
        let error = open(&registry, &tokens, None).manifest("1").await.unwrap_err();
        assert!(matches!(error, Error::NotARegistry(_) | Error::TooLarge(_)), "{error}");
    }
    // One with another grammar is no challenge at all.
    for realm in ["", "ftp://auth.test", "nonsense"] {
        let registry = Server::start(move |_| {
            answer(401, &[("WWW-Authenticate", &format!("Bearer realm=\"{realm}\",service=\"s\""))], "")
        })
        .await;
        assert!(open(&registry, &tokens().await, None).manifest("1").await.is_err(), "{realm}");
    }
}

#[tokio::test]
async fn pushing_needs_another_token_than_pulling() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let registry = Server::start(move |asked| match bearer(asked) {
        Some(_) => {
            seen.fetch_add(1, Ordering::SeqCst);
            answer(200, &[], "")
        }
        None => challenge(""),
    })
    .await;
    let tokens = tokens().await;
    let repository = open(&registry, &tokens, None);
    let digest = registry::Digest::of(b"a");
    assert!(repository.has_blob(&digest).await.unwrap());
    drop(repository.mount_blob(&digest, "other").await);
    let queries: Vec<_> = tokens.asked().into_iter().map(|asked| asked.query).collect();
    let push = "scope=repository%3Ateam%2Fapp%3Apull%2Cpush";
    let wanted = [
        format!("service=registry.test&{push}"),
        format!("service=registry.test&scope=repository%3Aother%3Apull&{push}"),
    ];
    assert_eq!(queries, wanted);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_server_of_tokens_that_is_busy_is_asked_again() {
    let bytes = image(b"");
    let registry =
        Server::start(move |asked| if bearer(asked).is_some() { manifest(&bytes) } else { challenge("") }).await;
    let tokens = Server::start(|asked| match asked.before {
        0 => answer(503, &[], ""),
        1 => vec![Say::HangUp],
        _ => answer(200, &[], r#"{"token":"a"}"#),
    })
    .await;
    open(&registry, &tokens, None).manifest("1").await.unwrap();
    let tokens = Server::start(|_| answer(429, &[("Retry-After", "60")], "")).await;
    assert!(matches!(open(&registry, &tokens, None).manifest("1").await, Err(Error::RateLimited(_))));
}
