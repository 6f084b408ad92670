//! `docker search`.

use crate::support::{Authority, Say, Server, Town, answer, config, head, ok};
use registry::{Client, Config, Error, Found};
use std::sync::Arc;

async fn search(limit: u32, said: Vec<Say>) -> (Server, registry::Result<Vec<Found>>) {
    let authority = Authority::new();
    let server = Server::secure(authority.vouch_for("index.docker.io"), move |_| said.clone()).await;
    let client = Client::new(Config { authorities: authority.pem(), ..config() }).unwrap();
    let town = Town::new().with("index.docker.io:443", &server);
    let found = client.search("c++ & rust", limit, Arc::new(town)).await;
    (server, found)
}

#[tokio::test]
async fn what_docker_hub_knows_is_told() {
    let body = r#"{"num_results":3,"query":"x","results":[
        {"name":"rust","description":"Rust\u001b[31m is","star_count":1500,"is_official":true,"is_automated":false},
        {"name":"a/rust"}, {"name":"one too many"}]}"#;
    let (server, found) = search(2, ok(body)).await;
    let rust =
        Found { name: "rust".to_owned(), description: "Rust[31m is".to_owned(), star_count: 1500, is_official: true };
    let other = Found { name: "a/rust".to_owned(), description: String::new(), star_count: 0, is_official: false };
    assert_eq!(found.unwrap(), [rust, other]);
    let asked = &server.asked()[0];
    assert_eq!((asked.path.as_str(), asked.query.as_str()), ("/v1/search", "q=c%2B%2B%20%26%20rust&n=2"));
}

#[tokio::test]
async fn what_is_no_list_is_refused() {
    let too_much = vec![Say::Bytes(head(200, &[])), Say::Endlessly(vec![b' '; 4096])];
    assert!(matches!(search(1, too_much).await.1, Err(Error::TooLarge(_))));
    assert!(matches!(search(1, ok("<html>")).await.1, Err(Error::NotARegistry(_))));
    assert!(matches!(search(1, answer(429, &[("Retry-After", "60")], "")).await.1, Err(Error::RateLimited(_))));
    for limit in [0, 101] {
        let (server, found) = search(limit, ok("{}")).await;
        assert!(matches!(found, Err(Error::Invalid(_))));
        assert_eq!(server.connections(), 0);
    }
}
