//! A registry with a store of its own, and a client of it.

use axum::Router;
use bytes::Bytes;
use engine::db::Database;
use engine::image::Store;
use engine::repository::{RegistryLimits, Repositories};
use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper_util::rt::TokioIo;
use registry_api::{Gate, router, serve_stream};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::DuplexStream;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

pub(crate) struct Side {
    directory: PathBuf,
    pub(crate) repositories: Arc<Repositories>,
    pub(crate) router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Side {
    pub(crate) fn new() -> Self {
        Self::with(RegistryLimits::with_bytes(1 << 30), Gate::Open)
    }

    pub(crate) fn with(limits: RegistryLimits, gate: Gate) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("lernhafen-registry-{}-{number}", std::process::id()));
        let store = Store::open(&directory, Database::open(&directory).unwrap()).unwrap();
        let repositories = Arc::new(Repositories::open(&store, "hub.hafen", limits).unwrap());
        let router = router(repositories.clone(), gate);
        Self { directory, repositories, router }
    }

    pub(crate) fn files(&self, directory: &str) -> usize {
        std::fs::read_dir(self.directory.join(directory)).unwrap().count()
    }

    /// A connection, for what no honest client sends.
    pub(crate) fn connect(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(64 << 10);
        tokio::spawn(serve_stream(server, self.router.clone()));
        client
    }

    /// `"PUT /v2/…"`, headers, body.
    pub(crate) async fn send(&self, request: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(self.connect())).await.unwrap();
        tokio::spawn(connection);
        let (method, path) = request.split_once(' ').unwrap();
        let mut built = hyper::Request::builder().method(method).uri(path).header("host", "hub.hafen");
        for (name, value) in headers {
            built = built.header(*name, *value);
        }
        let answer = sender.send_request(built.body(Full::new(body.into())).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
        assert_eq!(answer.header("docker-distribution-api-version"), "registry/2.0", "{request}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &[], "").await
    }

    /// The address of a new upload.
    pub(crate) async fn begin(&self, repository: &str) -> String {
        let begun = self.send(&format!("POST /v2/{repository}/blobs/uploads/"), &[], "").await;
        assert_eq!(begun.status, 202, "{begun:?}");
        begun.header("location").to_owned()
    }

    /// Its digest.
    pub(crate) async fn blob(&self, repository: &str, content: &[u8]) -> String {
        let digest = digest(content);
        let upload = format!("POST /v2/{repository}/blobs/uploads/?digest={digest}");
        let answer = self.send(&upload, &[], content.to_vec()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        digest
    }

    pub(crate) async fn put(&self, repository: &str, reference: &str, kind: &str, manifest: &Value) -> Answer {
        let request = format!("PUT /v2/{repository}/manifests/{reference}");
        self.send(&request, &[("content-type", kind)], manifest.to_string()).await
    }

    /// An image with a configuration and a layer. Its manifest.
    pub(crate) async fn image(&self, repository: &str, tag: &str, content: &str) -> Value {
        let (config, layer) = (format!("{{\"is\":\"{content}\"}}"), format!("layer of {content}"));
        self.blob(repository, config.as_bytes()).await;
        self.blob(repository, layer.as_bytes()).await;
        let manifest = manifest(config.as_bytes(), &[layer.as_bytes()]);
        let answer = self.put(repository, tag, MANIFEST, &manifest).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        manifest
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Fails unless it is this error, in the specification's shape.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        let errors = self.json()["errors"].as_array().unwrap().clone();
        assert!(!errors.is_empty());
        for error in errors {
            assert_eq!(error["code"], code, "{self:?}");
            assert!(!error["message"].as_str().unwrap().is_empty());
        }
    }
}

pub(crate) fn digest(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

pub(crate) fn descriptor(kind: &str, content: &[u8]) -> Value {
    json!({ "mediaType": kind, "digest": digest(content), "size": content.len() })
}

pub(crate) fn manifest(config: &[u8], layers: &[&[u8]]) -> Value {
    let layers: Vec<Value> = layers.iter().map(|layer| descriptor(LAYER, layer)).collect();
    json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(CONFIG, config), "layers": layers })
}

pub(crate) fn digest_of(manifest: &Value) -> String {
    digest(manifest.to_string().as_bytes())
}
