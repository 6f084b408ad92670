//! Where answers lead, and must not.

use crate::support::{Authority, HOST, Say, Server, Town, answer, config, image, manifest, ok, read, repository_with};
use registry::{Client, Config, Credentials, Descriptor, Dial, Error, HostConfig, PublicNetwork, Repository};
use std::sync::Arc;

const STORE: &str = "store.test:80";

fn to(location: &str) -> Vec<Say> {
    answer(307, &[("Location", location)], "elsewhere")
}

#[tokio::test]
async fn blobs_are_fetched_from_elsewhere_without_credentials() {
    let store = Server::start(|asked| if asked.query == "signed=1" { ok("layer") } else { answer(403, &[], "") }).await;
    let server = Server::start(|asked| match asked.headers.get("authorization").map(String::as_str) {
        Some("Basic YTpi") if asked.path != "/v2/" => to("http://store.test/layer?signed=1"),
        _ => answer(401, &[("WWW-Authenticate", "Basic")], ""),
    })
    .await;
    let town = Town::new().with(HOST, &server).with(STORE, &store);
    let credentials = Some(Credentials::Password { username: "a".to_owned(), password: "b".to_owned() });
    let repository = Client::new(config()).unwrap().repository(HOST, "a", credentials, Arc::new(town)).unwrap();
    assert_eq!(read(repository.blob(&Descriptor::of("l", b"layer"))).await.unwrap(), b"layer");
    assert_eq!(server.asked()[0].headers["authorization"], "Basic YTpi");
    assert!(!store.asked()[0].headers.contains_key("authorization"));
    assert_eq!(store.asked()[0].headers["host"], "store.test");
}

#[tokio::test]
async fn on_the_same_server_credentials_are_shown_again() {
    let bytes = image(b"");
    let server = Server::start(move |asked| match (asked.headers.get("authorization"), asked.path.as_str()) {
        (None, _) => answer(401, &[("WWW-Authenticate", "Basic")], ""),
        (_, "/v2/" | "/moved") => manifest(&bytes),
        _ => to("/moved"),
    })
    .await;
    let town = Town::new().with(HOST, &server);
    let credentials = Some(Credentials::Password { username: "a".to_owned(), password: "b".to_owned() });
    let repository = Client::new(config()).unwrap().repository(HOST, "a", credentials, Arc::new(town)).unwrap();
    repository.manifest("1").await.unwrap();
}

#[tokio::test]
async fn another_server_that_asks_for_a_password_gets_none() {
    let store = Server::start(|_| answer(401, &[("WWW-Authenticate", "Basic")], "")).await;
    let server = Server::start(|asked| match asked.headers.get("authorization") {
        Some(_) if asked.path != "/v2/" => to("http://store.test/"),
        _ => answer(401, &[("WWW-Authenticate", "Basic")], ""),
    })
    .await;
    let town = Town::new().with(HOST, &server).with(STORE, &store);
    let credentials = Some(Credentials::Password { username: "a".to_owned(), password: "b".to_owned() });
    let repository = Client::new(config()).unwrap().repository(HOST, "a", credentials, Arc::new(town)).unwrap();
    assert!(matches!(read(repository.blob(&Descriptor::of("l", b"layer"))).await, Err(Error::Unauthorized(_))));
    assert!(store.asked().iter().all(|asked| !asked.headers.contains_key("authorization")));
    // Nor is a password taken to where it says that tokens are.
    let thief = Server::start(|_| ok(r#"{"token":"a"}"#)).await;
    let challenge = [("WWW-Authenticate", "Bearer realm=\"http://thief.test/\"")];
    let asking = Server::start(move |_| answer(401, &challenge, "")).await;
    let town = Town::new().with(HOST, &server).with(STORE, &asking).with("thief.test:80", &thief);
    let credentials = Some(Credentials::Password { username: "a".to_owned(), password: "b".to_owned() });
    let repository = Client::new(config()).unwrap().repository(HOST, "a", credentials, Arc::new(town)).unwrap();
    assert!(matches!(read(repository.blob(&Descriptor::of("l", b"layer"))).await, Err(Error::Unauthorized(_))));
    assert!(thief.asked().is_empty());
    // Nor does one that the registry itself redirects its greeting to.
    let server =
        Server::start(|asked| if asked.path == "/v2/" { to("http://store.test/v2/") } else { ok("layer") }).await;
    let town = Town::new().with(HOST, &server).with(STORE, &store);
    let credentials = Some(Credentials::Password { username: "a".to_owned(), password: "b".to_owned() });
    let repository = Client::new(config()).unwrap().repository(HOST, "a", credentials, Arc::new(town)).unwrap();
    read(repository.blob(&Descriptor::of("l", b"layer"))).await.unwrap();
    assert!(!server.asked()[0].headers.contains_key("authorization"));
}

/// A repository of a server that the admin allowed by name, in the machine's own network.
fn public(server: &Server) -> Repository {
    let name = format!("127.0.0.1:{}", server.address.port());
    let hosts = [(name.clone(), HostConfig { insecure: true, ..HostConfig::default() })].into();
    let network: Arc<dyn Dial> = Arc::new(PublicNetwork::new([&name]));
    Client::new(Config { hosts, ..config() }).unwrap().repository(&name, "a", None, network).unwrap()
}

#[tokio::test]
async fn nothing_leads_into_a_private_network() {
    let secret = Server::start(|_| ok("secret")).await;
    let port = secret.address.port();
    for target in [
        format!("http://127.0.0.1:{port}/layer"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "https://[fd00::1]/".to_owned(),
    ] {
        let location = target.clone();
        let server = Server::start(move |asked| if asked.path == "/v2/" { Vec::new() } else { to(&location) }).await;
        let error = read(public(&server).blob(&Descriptor::of("l", b"secret"))).await.unwrap_err();
        assert!(matches!(error, Error::PrivateAddress { .. }), "{target}: {error}");
        assert!(error.to_string().contains("the admin of this server can allow the registry by its name"));
        // The same for where tokens come from.
        let challenge = format!("Bearer realm=\"{target}\"");
        let server = Server::start(move |_| answer(401, &[("WWW-Authenticate", &challenge)], "")).await;
        let error = public(&server).manifest("1").await.unwrap_err();
        assert!(matches!(error, Error::PrivateAddress { .. }), "{target}: {error}");
    }
    assert!(secret.asked().is_empty());
    let client = Client::new(config()).unwrap();
    let network = Arc::new(PublicNetwork::new(["registry.lan"]));
    let repository = client.repository(&format!("127.0.0.1:{port}"), "a", None, network).unwrap();
    let error = repository.manifest("1").await.unwrap_err();
    assert!(matches!(error, Error::PrivateAddress { .. }), "{error}");
    assert_eq!(secret.connections(), 0);
}

#[tokio::test]
async fn uploads_do_not_lead_there_either() {
    let server = Server::start(|asked| match asked.method.as_str() {
        "POST" => answer(202, &[("Location", "http://169.254.169.254/upload")], ""),
        _ => Vec::new(),
    })
    .await;
    let error = public(&server).upload_blob(&Descriptor::of("l", b"a"), &bytes::Bytes::from("a"), &|_| {}).await;
    assert!(matches!(error, Err(Error::PrivateAddress { .. })));
}

#[tokio::test]
async fn circles_and_nonsense_end() {
    for (location, times) in
        [("/v2/team/app/manifests/1", 6), ("ftp://elsewhere.test/", 1), ("http://u:p@store.test/", 1)]
    {
        let server = Server::start(move |asked| if asked.path == "/v2/" { Vec::new() } else { to(location) }).await;
        let repository = repository_with(config(), Town::new().with(HOST, &server));
        let error = repository.manifest("1").await.unwrap_err();
        assert!(matches!(error, Error::BadRedirect(_)), "{location}: {error}");
        assert_eq!(server.asked().len(), times, "{location}");
    }
    let server = Server::start(|asked| if asked.path == "/v2/" { Vec::new() } else { answer(302, &[], "") }).await;
    let repository = repository_with(config(), Town::new().with(HOST, &server));
    assert!(matches!(repository.manifest("1").await, Err(Error::BadRedirect(_))));
}

#[tokio::test]
async fn from_https_nothing_leads_to_http() {
    let authority = Authority::new();
    let plain = Server::start(|_| ok("layer")).await;
    let server = Server::secure(authority.vouch_for("secure.test"), |asked| match asked.method.as_str() {
        "POST" => answer(202, &[("Location", "http://store.test/upload")], ""),
        _ if asked.path == "/v2/" => Vec::new(),
        _ => to("http://store.test/layer"),
    })
    .await;
    let client = Client::new(Config { authorities: authority.pem(), ..config() }).unwrap();
    let town = |server| Arc::new(Town::new().with("secure.test:443", server).with(STORE, &plain));
    let repository = client.repository("secure.test", "a", None, town(&server)).unwrap();
    let descriptor = Descriptor::of("l", b"layer");
    let error = read(repository.blob(&descriptor)).await.unwrap_err();
    assert!(matches!(&error, Error::BadRedirect(words) if words.contains("from HTTPS to plain HTTP")), "{error}");
    let uploaded = repository.upload_blob(&descriptor, &bytes::Bytes::from("layer"), &|_| {}).await;
    assert!(matches!(uploaded, Err(Error::BadRedirect(_))));
    // Nor is a password shown to a server of tokens over plain HTTP.
    let server = Server::secure(authority.vouch_for("secure.test"), |_| {
        answer(401, &[("WWW-Authenticate", "Bearer realm=\"http://store.test/token\"")], "")
    })
    .await;
    let credentials = Some(Credentials::Password { username: "a".to_owned(), password: "b".to_owned() });
    let repository = client.repository("secure.test", "a", credentials, town(&server)).unwrap();
    let error = repository.manifest("1").await.unwrap_err();
    assert!(error.to_string().contains("it is not HTTPS"), "{error}");
    assert!(plain.asked().is_empty());
}
