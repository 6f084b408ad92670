//! What the tests have in common.

mod answer;
mod server;
mod town;

pub(crate) use answer::{Say, answer, head, manifest, not_found, ok};
pub(crate) use server::{Asked, Server};
pub(crate) use town::{Authority, Town};

use registry::{
    Client, Config, Descriptor, Digest, Download, HostConfig, Repository, Result, Retries, Timeouts, media_type,
};
use std::sync::Arc;
use std::time::Duration;

/// The registry of most tests, spoken to over plain HTTP.
pub(crate) const HOST: &str = "registry.test:5000";

/// Gives up soon after what should not happen, and repeats at once.
pub(crate) fn config() -> Config {
    let hosts = [(HOST.to_owned(), HostConfig { insecure: true, ..HostConfig::default() })].into();
    Config { hosts, retries: retries(), ..Config::default() }
}

/// For what stalls.
pub(crate) fn impatient() -> Config {
    let [connect, tls, head, stall, whole] = [500, 500, 500, 500, 60_000].map(Duration::from_millis);
    Config { timeouts: Timeouts { connect, tls, head, stall, whole }, ..config() }
}

fn retries() -> Retries {
    let first_wait = Duration::from_millis(1);
    Retries { tries: 4, first_wait, longest_wait: first_wait, longest_retry_after: Duration::from_secs(1) }
}

/// The repository `team/app` of a server that is [`HOST`].
pub(crate) fn repository(server: &Server) -> Repository {
    repository_with(config(), Town::new().with(HOST, server))
}

pub(crate) fn repository_with(config: Config, town: Town) -> Repository {
    Client::new(config).unwrap().repository(HOST, "team/app", None, Arc::new(town)).unwrap()
}

/// An image's manifest with one layer.
pub(crate) fn image(layer: &[u8]) -> Vec<u8> {
    let (config, layer) = (Descriptor::of("c", b"{}"), Descriptor::of("l", layer));
    let entry =
        |it: &Descriptor| format!(r#"{{"mediaType":"{}","digest":"{}","size":{}}}"#, it.media_type, it.digest, it.size);
    let kind = media_type::OCI_MANIFEST;
    let (config, layer) = (entry(&config), entry(&layer));
    format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{config},"layers":[{layer}]}}"#).into_bytes()
}

pub(crate) async fn read(mut download: Download) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(chunk) = download.chunk().await? {
        all.extend_from_slice(&chunk);
        assert!(all.len() as u64 <= download.descriptor().size, "more was given out than was announced");
    }
    Ok(all)
}

/// Bytes that no two places of have in common.
pub(crate) fn noise(size: usize) -> Vec<u8> {
    let mut noise = Vec::with_capacity(size + 72);
    while noise.len() < size {
        noise.extend_from_slice(Digest::of(&noise.len().to_le_bytes()).as_str().as_bytes());
    }
    noise.truncate(size);
    noise
}
