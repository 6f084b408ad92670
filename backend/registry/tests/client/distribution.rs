//! Docker's own registry, as Debian has it.

use crate::support::{Town, config, noise, read};
use bytes::Bytes;
use registry::{Client, Content, Credentials, Descriptor, Digest, Error, Platform, Repository, media_type};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `correct horse`, with few rounds: the registry takes nothing but bcrypt.
const HTPASSWD: &str = "ada:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n";

/// A registry with a directory of its own. Ends when it is dropped.
struct Distribution {
    child: Child,
    address: SocketAddr,
    directory: PathBuf,
}

impl Distribution {
    fn start(name: &str, wants_password: bool) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        // It can't choose a port and tell. One that was free a moment ago may be taken by another test.
        (0..5).find_map(|_| Self::try_start(&directory, wants_password)).expect("docker-registry does not listen")
    }

    fn try_start(directory: &Path, wants_password: bool) -> Option<Self> {
        std::fs::create_dir_all(directory).unwrap();
        std::fs::write(directory.join("htpasswd"), HTPASSWD).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let at = directory.display();
        let auth = format!("auth:\n  htpasswd:\n    realm: test\n    path: {at}/htpasswd\n");
        let auth = if wants_password { auth.as_str() } else { "" };
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {at}/data\n  delete:\n    \
             enabled: true\nhttp:\n  addr: {address}\n{auth}"
        );
        std::fs::write(directory.join("config.yml"), config).unwrap();
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(directory.join("config.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry can't be started (Debian's package docker-registry)");
        let mut registry = Self { child, address, directory: directory.to_owned() };
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(30) && registry.child.try_wait().unwrap().is_none() {
            if registry.answers() {
                return Some(registry);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.address) else { return false };
        let mut answer = Vec::new();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        drop(stream.write_all(b"GET /v2/ HTTP/1.0\r\n\r\n"));
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).contains("Docker-Distribution-Api-Version: registry/2.0")
    }

    fn repository(&self, path: &str, credentials: Option<Credentials>) -> Repository {
        client().repository("localhost:5000", path, credentials, self.dial()).unwrap()
    }

    fn dial(&self) -> Arc<Town> {
        Arc::new(Town::new().with_address("localhost:5000", self.address))
    }
}

impl Drop for Distribution {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

fn client() -> Client {
    Client::new(config()).unwrap()
}

fn password(password: &str) -> Option<Credentials> {
    Some(Credentials::Password { username: "ada".to_owned(), password: password.to_owned() })
}

const CONFIG: &[u8] = br#"{"os":"linux","architecture":"amd64"}"#;

/// Pushes an image with these layers, and says its manifest's digest.
async fn push(repository: &Repository, tag: &str, layers: &[Vec<u8>]) -> registry::Result<Digest> {
    let entry =
        |it: &Descriptor| format!(r#"{{"mediaType":"{}","digest":"{}","size":{}}}"#, it.media_type, it.digest, it.size);
    let mut entries = Vec::new();
    for (blob, kind) in [(CONFIG, "application/vnd.oci.image.config.v1+json")]
        .into_iter()
        .chain(layers.iter().map(|layer| (&layer[..], "application/vnd.oci.image.layer.v1.tar+gzip")))
    {
        let descriptor = Descriptor::of(kind, blob);
        if !repository.has_blob(&descriptor.digest).await? {
            repository.upload_blob(&descriptor, &Bytes::copy_from_slice(blob), &|_| {}).await?;
            assert!(repository.has_blob(&descriptor.digest).await?);
        }
        entries.push(entry(&descriptor));
    }
    let kind = media_type::OCI_MANIFEST;
    let (config, layers) = (&entries[0], entries[1..].join(","));
    let manifest = format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{config},"layers":[{layers}]}}"#);
    repository.put_manifest(tag, kind, manifest.into()).await
}

#[tokio::test]
async fn what_is_pushed_is_pulled_again() {
    let registry = Distribution::start("push-and-pull", false);
    let layers = [noise(3_000_000), noise(100), Vec::new()];
    let digest = push(&registry.repository("team/app", None), "1.0", &layers).await.unwrap();
    // Another one, that knows nothing of the first.
    let repository = registry.repository("team/app", None);
    let resolved = repository.resolve("1.0").await.unwrap();
    assert_eq!((&resolved.digest, resolved.media_type.as_str()), (&digest, media_type::OCI_MANIFEST));
    let image = repository.image("1.0", &Platform::here()).await.unwrap();
    assert_eq!((image.index, &image.manifest.digest), (None, &digest));
    assert_eq!(image.manifest.bytes.len() as u64, resolved.size);
    let Content::Image(content) = image.manifest.content().unwrap() else { panic!("no image") };
    assert_eq!(read(repository.blob(&content.config)).await.unwrap(), CONFIG);
    for (descriptor, layer) in content.layers.iter().zip(&layers) {
        assert!(read(repository.blob(descriptor)).await.unwrap() == *layer);
    }
    // From the middle.
    let hasher = sha2::Digest::new_with_prefix(&layers[0][..1_000_000]);
    let rest = read(repository.resume_blob(&content.layers[0], 1_000_000, hasher).unwrap()).await.unwrap();
    assert!(rest == layers[0][1_000_000..]);
}

#[tokio::test]
async fn blobs_are_mounted_tags_listed_and_manifests_deleted() {
    let registry = Distribution::start("mount-and-delete", false);
    let layer = noise(1000);
    let first = registry.repository("first", None);
    push(&first, "a", std::slice::from_ref(&layer)).await.unwrap();
    let second = registry.repository("second", None);
    assert!(!second.has_blob(&Digest::of(&layer)).await.unwrap());
    assert!(second.mount_blob(&Digest::of(&layer), "first").await.unwrap());
    assert!(second.has_blob(&Digest::of(&layer)).await.unwrap());
    assert!(!second.mount_blob(&Digest::of(b"nowhere"), "first").await.unwrap());

    let digest = push(&second, "b", std::slice::from_ref(&layer)).await.unwrap();
    push(&second, "c", &[layer]).await.unwrap();
    assert_eq!(second.tags().await.unwrap(), ["b", "c"]);
    assert!(matches!(second.delete_manifest("b").await, Err(Error::Registry { .. } | Error::Unsupported(_))));
    second.delete_manifest(digest.as_str()).await.unwrap();
    let error = second.manifest("b").await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)));
    let wanted = "manifest for localhost:5000/second:b not found: manifest unknown: manifest unknown";
    assert_eq!(error.to_string(), wanted);
    assert!(matches!(second.delete_manifest(digest.as_str()).await, Err(Error::NotFound(_))));
    let error = registry.repository("nothing", None).tags().await.unwrap_err();
    let wanted = "repository localhost:5000/nothing not found: name unknown: repository name not known to registry";
    assert_eq!(error.to_string(), wanted);
}

#[tokio::test]
async fn an_index_leads_to_its_image() {
    let registry = Distribution::start("index", false);
    let repository = registry.repository("app", None);
    let mut entries = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let digest = push(&repository, architecture, &[noise(architecture.len() + 10)]).await.unwrap();
        let size = repository.resolve(architecture).await.unwrap().size;
        let platform = format!(r#"{{"os":"linux","architecture":"{architecture}"}}"#);
        let kind = media_type::OCI_MANIFEST;
        entries.push(format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":{size},"platform":{platform}}}"#));
    }
    let kind = media_type::OCI_INDEX;
    let index = format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","manifests":[{}]}}"#, entries.join(","));
    let digest = repository.put_manifest("latest", kind, index.into()).await.unwrap();
    let image = repository.image("latest", &Platform::parse("linux/arm64").unwrap()).await.unwrap();
    assert_eq!(image.index, Some(digest));
    assert_eq!(image.manifest, repository.manifest("arm64").await.unwrap());
}

#[tokio::test]
async fn what_is_not_what_it_should_be_is_not_taken() {
    let registry = Distribution::start("refusals", false);
    let repository = registry.repository("app", None);
    let wrong = Descriptor { digest: Digest::of(b"other"), ..Descriptor::of("l", b"content") };
    let error = repository.upload_blob(&wrong, &Bytes::from("content"), &|_| {}).await.unwrap_err();
    assert!(matches!(&error, Error::Registry { code, .. } if code == "DIGEST_INVALID"), "{error}");
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"c","digest":"{}","size":1}},"layers":[]}}"#,
        media_type::DOCKER_MANIFEST,
        Digest::of(b"nowhere")
    );
    let error = repository.put_manifest("1", media_type::DOCKER_MANIFEST, manifest.into()).await.unwrap_err();
    assert!(matches!(&error, Error::Registry { code, .. } if code == "MANIFEST_BLOB_UNKNOWN"), "{error}");
    assert!(matches!(read(repository.blob(&Descriptor::of("l", b"nowhere"))).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn passwords_are_checked() {
    let registry = Distribution::start("htpasswd", true);
    let layers = [noise(1000)];
    let digest = push(&registry.repository("app", password("correct horse")), "1", &layers).await.unwrap();
    let repository = registry.repository("app", password("correct horse"));
    assert_eq!(repository.manifest("1").await.unwrap().digest, digest);
    assert_eq!(read(repository.blob(&Descriptor::of("l", &layers[0]))).await.unwrap(), layers[0]);
    for credentials in [None, password("wrong")] {
        let repository = registry.repository("app", credentials);
        assert!(matches!(repository.manifest("1").await, Err(Error::Unauthorized(_))));
        assert!(matches!(push(&repository, "2", &layers).await, Err(Error::Unauthorized(_))));
    }
    let login = async |word: &str| client().login("localhost:5000", &password(word).unwrap(), registry.dial()).await;
    assert_eq!(login("correct horse").await.unwrap(), None);
    let error = login("wrong").await.unwrap_err();
    let wanted = "login attempt to http://localhost:5000/v2/ failed with status: 401 Unauthorized";
    assert_eq!(error.to_string(), wanted);
}
