//! Whom the client believes.

use crate::support::{Authority, HOST, Server, Town, config, image, impatient, manifest};
use registry::{Client, Config, Error, Repository, Unreachable};
use std::sync::Arc;
use tokio::net::TcpListener;

fn open(config: Config, host: &str, town: Town) -> Repository {
    Client::new(config).unwrap().repository(host, "a", None, Arc::new(town)).unwrap()
}

async fn serving(tls: tokio_rustls::TlsAcceptor) -> Server {
    let bytes = image(b"");
    Server::secure(tls, move |asked| if asked.path == "/v2/" { Vec::new() } else { manifest(&bytes) }).await
}

fn cause(error: &Error) -> &Unreachable {
    let Error::Unreachable { cause, .. } = error else { panic!("{error}") };
    cause
}

#[tokio::test]
async fn an_authority_of_the_configuration_is_believed() {
    let authority = Authority::new();
    let server = serving(authority.vouch_for("secure.test")).await;
    let town = Town::new().with("secure.test:443", &server);
    let repository = open(Config { authorities: authority.pem(), ..config() }, "secure.test", town);
    repository.manifest("1").await.unwrap();
    repository.manifest("1").await.unwrap();
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_unknown_authority_is_not_believed() {
    let server = serving(Authority::new().vouch_for("secure.test")).await;
    // None of this name, and another of this name.
    for authorities in [Vec::new(), Authority::new().pem()] {
        let town = Town::new().with("secure.test:443", &server);
        let repository = open(Config { authorities, ..config() }, "secure.test", town);
        let error = repository.manifest("1").await.unwrap_err();
        assert!(matches!(cause(&error), Unreachable::Tls(_)));
        let wanted = "Get \"https://secure.test/v2/\": tls: failed to verify certificate: x509: certificate signed by \
            unknown authority; the admin of this server can add that authority to those it trusts";
        assert_eq!(error.to_string(), wanted);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_believed() {
    let authority = Authority::new();
    let server = serving(authority.vouch_for("other.test")).await;
    let town = Town::new().with("secure.test:443", &server);
    let error = open(Config { authorities: authority.pem(), ..config() }, "secure.test", town).manifest("1").await;
    let error = error.unwrap_err();
    assert!(
        matches!(cause(&error), Unreachable::Tls(why) if why.contains("x509") && why.contains("secure.test")),
        "{error}"
    );
}

#[tokio::test]
async fn loopback_names_are_believed_as_docker_believes_them() {
    for host in ["localhost:5000", "127.0.0.1:5000"] {
        let server = serving(Authority::new().vouch_for("whatever.test")).await;
        open(config(), host, Town::new().with(host, &server)).manifest("1").await.unwrap();
    }
    // Others are not, by the same client.
    let client = Client::new(config()).unwrap();
    let server = serving(Authority::new().vouch_for("secure.test")).await;
    let town = Arc::new(Town::new().with("localhost:443", &server).with("secure.test:443", &server));
    client.repository("localhost", "a", None, town.clone()).unwrap().manifest("1").await.unwrap();
    let other = client.repository("secure.test", "a", None, town).unwrap();
    assert!(matches!(cause(&other.manifest("1").await.unwrap_err()), Unreachable::Tls(_)));
    // Where nothing speaks TLS, plain HTTP does.
    let bytes = image(b"");
    let server = Server::start(move |asked| if asked.path == "/v2/" { Vec::new() } else { manifest(&bytes) }).await;
    let town = Town::new().with("localhost:5000", &server);
    let dialed = town.dialed();
    let repository = open(config(), "localhost:5000", town);
    repository.manifest("1").await.unwrap();
    repository.manifest("1").await.unwrap();
    assert_eq!(dialed.lock().unwrap().len(), 2);
    let town = Town::new().with("localhost:80", &server);
    open(config(), "localhost", town).manifest("1").await.unwrap();
}

#[tokio::test]
async fn nobody_at_all_is_told_in_dockers_words() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let town = Town::new().with_address("localhost:5000", address);
    let error = open(config(), "localhost:5000", town).manifest("1").await.unwrap_err();
    assert!(matches!(cause(&error), Unreachable::Connect { .. }));
    assert_eq!(error.to_string(), "Get \"http://localhost:5000/v2/\": dial tcp: connect: connection refused");
}

#[tokio::test]
async fn plain_http_where_https_is_expected_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answering = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let mut rest = Vec::new();
        drop(tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await);
    });
    let town = Town::new().with_address("plain.test:5000", address);
    let error = open(impatient(), "plain.test:5000", town).manifest("1").await.unwrap_err();
    assert_eq!(*cause(&error), Unreachable::PlainHttp);
    let wanted = "Get \"https://plain.test:5000/v2/\": http: server gave HTTP response to HTTPS client";
    assert_eq!(error.to_string(), wanted);
    answering.await.unwrap();
}

#[tokio::test]
async fn a_server_that_never_shakes_hands_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let holding = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        std::future::pending::<()>().await;
        drop(stream);
    });
    let town = Town::new().with_address("silent.test:443", address);
    let error = open(impatient(), "silent.test", town).manifest("1").await.unwrap_err();
    assert_eq!(*cause(&error), Unreachable::TlsTimeout);
    holding.abort();
}

/// Never connects.
#[derive(Debug)]
struct Nowhere;

impl registry::Dial for Nowhere {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> registry::Dialing<'a> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_network_that_swallows_everything_is_left() {
    let client = Client::new(impatient()).unwrap();
    let repository = client.repository(HOST, "a", None, Arc::new(Nowhere)).unwrap();
    let error = repository.manifest("1").await.unwrap_err();
    assert_eq!(error.to_string(), "Get \"http://registry.test:5000/v2/\": dial tcp: i/o timeout");
}
