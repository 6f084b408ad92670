//! Manifests: what a tag or a digest names.

use super::{Repository, Which};
use crate::http::Response;
use crate::manifest::{LARGEST_MANIFEST, Manifest, media_type};
use crate::peer::{Call, Peer};
use crate::refusal::{Refusal, Subject};
use crate::{Digest, Error, Result};
use hyper::header::{ACCEPT, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};

/// What a registry says of a manifest. Without having seen the manifest, nobody can check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub digest: Digest,
    /// Of the manifest, in bytes.
    pub size: u64,
    pub media_type: String,
}

const CONTENT_DIGEST: &str = "docker-content-digest";

impl Repository {
    /// The manifest of a tag, or of a digest.
    ///
    /// # Errors
    /// There is none, or what came is not what was asked for.
    pub async fn manifest(&self, tag_or_digest: &str) -> Result<Manifest> {
        self.manifest_of(&Which::parse(tag_or_digest)?).await
    }

    /// What a tag stands for now. Asks for the manifest only where a registry does not say it otherwise: Docker Hub
    /// counts manifests.
    ///
    /// # Errors
    /// As of [`Repository::manifest`].
    pub async fn resolve(&self, tag_or_digest: &str) -> Result<Resolved> {
        let which = Which::parse(tag_or_digest)?;
        for peer in self.peers() {
            match self.resolve_by(peer, &which).await {
                Err(error) if !self.is_registry(peer) => self.passed_over(peer, &error),
                answer => return answer,
            }
        }
        Err(nobody())
    }

    pub(super) async fn manifest_of(&self, which: &Which) -> Result<Manifest> {
        for peer in self.peers() {
            match self.manifest_by(peer, which).await {
                Err(error) if !self.is_registry(peer) => self.passed_over(peer, &error),
                answer => return answer,
            }
        }
        Err(nobody())
    }

    async fn manifest_by(&self, peer: &Peer, which: &Which) -> Result<Manifest> {
        let response = self.ask(peer, Method::GET, which).await?;
        if response.status != StatusCode::OK {
            return Err(self.refused(response, which).await);
        }
        if response.is_page() {
            return Err(response.not_a_registry("a web page came instead of a manifest"));
        }
        let announced = response.media_type();
        let claimed = claimed_digest(&response)?;
        let manifest = Manifest::read(response.bytes(LARGEST_MANIFEST).await?, announced.as_deref());
        // By digest first: what a liar sends may have any shape.
        let digest = match &manifest {
            Ok(manifest) => &manifest.digest,
            Err(_) => return manifest,
        };
        which.check(digest)?;
        if let Some(claimed) = claimed.filter(|claimed| claimed != digest) {
            return Err(Error::Lied(format!(
                "manifest for {}: the registry says that it is {claimed}, and sent {digest}",
                self.inner.reference(which)
            )));
        }
        manifest
    }

    async fn resolve_by(&self, peer: &Peer, which: &Which) -> Result<Resolved> {
        let response = self.ask(peer, Method::HEAD, which).await?;
        if response.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(self.refused(response, which).await);
        }
        let said = claimed_digest(&response)?.zip(response.length()).zip(response.media_type());
        if let (StatusCode::OK, Some(((digest, size), media_type))) = (response.status, said)
            && media_type::ALL.contains(&media_type.as_str())
        {
            which.check(&digest)?;
            response.discard().await;
            return Ok(Resolved { digest, size, media_type });
        }
        let Manifest { bytes, digest, media_type } = self.manifest_by(peer, which).await?;
        Ok(Resolved { digest, size: bytes.len() as u64, media_type })
    }

    async fn ask(&self, peer: &Peer, method: Method, which: &Which) -> Result<Response> {
        let path = self.inner.manifest_path(which);
        let mut headers = HeaderMap::new();
        for media_type in media_type::ALL {
            headers.append(ACCEPT, HeaderValue::from_static(media_type));
        }
        peer.send(&Call { headers, ..Call::new(method, &path, &self.inner.pulling) }).await
    }

    async fn refused(&self, response: Response, which: &Which) -> Error {
        let reference = self.inner.reference(which);
        let subject = Subject::Manifest { name: &self.inner.name, reference: &reference };
        Refusal::read(response).await.about(subject)
    }
}

/// What the registry says the manifest's digest is. Of another algorithm, it says nothing of use.
pub(super) fn claimed_digest(response: &Response) -> Result<Option<Digest>> {
    match response.header(CONTENT_DIGEST).map(Digest::parse) {
        None | Some(Err(Error::Unsupported(_))) => Ok(None),
        Some(Err(error)) => Err(Error::Lied(format!("{}: {error}", response.request))),
        Some(Ok(digest)) => Ok(Some(digest)),
    }
}

/// Can't happen: the registry itself is always asked.
pub(super) fn nobody() -> Error {
    Error::NotFound("there is nobody to ask".to_owned())
}
