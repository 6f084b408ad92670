#![allow(clippy::unwrap_used, reason = "a test may")]
//! Clients that stop in the middle.

use super::*;
use crate::gate::Gate;
use crate::router::patient_router;
use engine::db::Database;
use engine::image::Store;
use engine::repository::{RegistryLimits, Repositories};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct Side {
    directory: PathBuf,
    repositories: Arc<Repositories>,
}

impl Side {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("lernhafen-registry-{name}-{}", std::process::id()));
        let store = Store::open(&directory, Database::open(&directory).unwrap()).unwrap();
        let repositories = Repositories::open(&store, "hub.hafen", RegistryLimits::with_bytes(1 << 30)).unwrap();
        Self { directory, repositories: Arc::new(repositories) }
    }

    /// What a client gets that sends this and then nothing more.
    async fn stall(&self, request: &str) -> String {
        let router = patient_router(self.repositories.clone(), Gate::Open, Duration::from_millis(50));
        let (mut client, server) = tokio::io::duplex(64 << 10);
        let serving = tokio::spawn(serve_stream(server, router));
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        serving.await.unwrap();
        answer
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

#[tokio::test]
async fn an_upload_that_stalls_is_ended_and_can_be_gone_on_with() {
    let side = Side::new("stall");
    let id = side.repositories.begin_upload("a").unwrap();
    let head = "host: x\r\ncontent-length: 1000";
    let answer = side.stall(&format!("PATCH /v2/a/blobs/uploads/{id} HTTP/1.1\r\n{head}\r\n\r\n01234")).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("BLOB_UPLOAD_INVALID"), "{answer}");
    assert_eq!(side.repositories.upload_size("a", &id).unwrap(), 5);
    assert!(side.repositories.append("a", &id, Some(5)).is_ok(), "nobody holds it");
    let answer = side.stall(&format!("PUT /v2/a/manifests/1 HTTP/1.1\r\n{head}\r\n\r\n{{")).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("MANIFEST_INVALID"), "{answer}");
}

#[tokio::test]
async fn who_does_not_read_is_left() {
    let (_client, server) = tokio::io::duplex(16);
    let mut patient = Patient::new(server, Duration::from_millis(50));
    assert_eq!(patient.write_all(&[0; 17]).await.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
}
