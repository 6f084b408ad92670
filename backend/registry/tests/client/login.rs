//! `docker login`.

use crate::support::{HOST, Server, Town, answer, config, ok};
use registry::{Client, Credentials, Error};
use std::sync::Arc;

fn password(password: &str) -> Credentials {
    Credentials::Password { username: "ada".to_owned(), password: password.to_owned() }
}

/// `ada:right`.
const RIGHT: &str = "Basic YWRhOnJpZ2h0";

async fn login(server: &Server, tokens: Option<&Server>, credentials: Credentials) -> registry::Result<Option<String>> {
    let mut town = Town::new().with(HOST, server);
    if let Some(tokens) = tokens {
        town = town.with("auth.test:80", tokens);
    }
    // As Docker's client names it.
    Client::new(config()).unwrap().login(&format!("http://{HOST}/v2/"), &credentials, Arc::new(town)).await
}

#[tokio::test]
async fn passwords_are_checked_by_the_registry() {
    let server = Server::start(|asked| match asked.headers.get("authorization").map(String::as_str) {
        Some(RIGHT) => ok("{}"),
        _ => answer(401, &[("WWW-Authenticate", "Basic realm=\"r\"")], ""),
    })
    .await;
    assert_eq!(login(&server, None, password("right")).await.unwrap(), None);
    let error = login(&server, None, password("wrong")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("login attempt to http://{HOST}/v2/ failed with status: 401 Unauthorized"));
}

#[tokio::test]
async fn passwords_are_checked_by_a_server_of_tokens() {
    let server = Server::start(|asked| match asked.headers.get("authorization").map(String::as_str) {
        Some("Bearer token") => ok("{}"),
        _ => answer(401, &[("WWW-Authenticate", "Bearer realm=\"http://auth.test/token\",service=\"s\"")], ""),
    })
    .await;
    let tokens = Server::start(|asked| match asked.headers.get("authorization").map(String::as_str) {
        Some(RIGHT) => ok(r#"{"token":"token","refresh_token":"come back with this"}"#),
        _ => answer(401, &[], r#"{"details":"incorrect username or password"}"#),
    })
    .await;
    let identity = login(&server, Some(&tokens), password("right")).await.unwrap();
    assert_eq!(identity.as_deref(), Some("come back with this"));
    assert_eq!(tokens.asked()[0].query, "service=s&account=ada&client_id=docker&offline_token=true");
    let error = login(&server, Some(&tokens), password("wrong")).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)));
    let wanted = format!("Get \"http://{HOST}/v2/\": unauthorized: incorrect username or password");
    assert_eq!(error.to_string(), wanted);
}

#[tokio::test]
async fn a_token_that_the_registry_does_not_take_is_wrong() {
    let server =
        Server::start(|_| answer(401, &[("WWW-Authenticate", "Bearer realm=\"http://auth.test/token\"")], "")).await;
    let tokens = Server::start(|_| ok(r#"{"token":"token"}"#)).await;
    let refused = login(&server, Some(&tokens), password("right")).await;
    assert!(matches!(refused, Err(Error::Registry { status: 401, .. })));
}

#[tokio::test]
async fn a_registry_for_everybody_takes_any_password_without_seeing_it() {
    let server = Server::start(|asked| {
        assert!(!asked.headers.contains_key("authorization"));
        ok("{}")
    })
    .await;
    assert_eq!(login(&server, None, password("any")).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_no_registry_is_no_place_to_log_in() {
    let server = Server::start(|_| answer(200, &[("Content-Type", "text/html")], "<html>")).await;
    assert!(matches!(login(&server, None, password("any")).await, Err(Error::NotARegistry(_))));
    let client = Client::new(config()).unwrap();
    let error = client.login("no.test", &password("any"), Arc::new(Town::new())).await.unwrap_err();
    assert_eq!(error.to_string(), "Get \"https://no.test/v2/\": dial tcp: lookup no.test: no such host");
    assert!(matches!(client.login("", &password("any"), Arc::new(Town::new())).await, Err(Error::Invalid(_))));
}
