//! What a push needs besides uploads, and deleting.

use super::manifest::claimed_digest;
use super::upload::upload_location;
use super::{Repository, Which, name};
use crate::auth::Scopes;
use crate::http::Payload;
use crate::peer::{Call, To};
use crate::refusal::{Refusal, Subject};
use crate::{Digest, Error, Result, text};
use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, StatusCode};

impl Repository {
    /// Whether the registry has a blob, in this repository.
    pub async fn has_blob(&self, digest: &Digest) -> Result<bool> {
        let path = self.inner.blob_path(digest);
        let response = self.inner.registry.send(&Call::new(Method::HEAD, &path, &self.inner.pushing)).await?;
        match response.status {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.not_taken(response).await),
        }
    }

    /// Takes a blob over from another repository of the same registry, without sending it. `false`: it must be uploaded.
    pub async fn mount_blob(&self, digest: &Digest, from_path: &str) -> Result<bool> {
        if !name::is_path(from_path) {
            return Err(Error::Invalid(format!("invalid repository name: {}", text::shown(from_path))));
        }
        let path = format!("/v2/{}/blobs/uploads/?mount={digest}&from={from_path}", self.inner.path);
        let scopes = Scopes::push(&self.inner.path).and(Scopes::pull(from_path));
        let response = self.inner.registry.send(&Call::new(Method::POST, &path, &scopes)).await?;
        match response.status {
            StatusCode::CREATED => Ok(true),
            StatusCode::ACCEPTED => {
                // It began an upload instead, which nobody will finish. If it can't be ended, it ends by itself.
                if let Ok(Some(location)) = upload_location(&response) {
                    response.discard().await;
                    let call = Call { to: To::Url(&location), ..Call::new(Method::DELETE, "", &scopes) };
                    drop(self.inner.registry.send_once(&call).await);
                }
                Ok(false)
            }
            _ => Err(self.not_taken(response).await),
        }
    }

    /// Gives a manifest a tag, or stores it under its digest. What it names must have been uploaded.
    ///
    /// # Errors
    /// The registry does not take it, or it is not what the digest says.
    pub async fn put_manifest(&self, tag_or_digest: &str, media_type: &str, bytes: Bytes) -> Result<Digest> {
        let which = Which::parse(tag_or_digest)?;
        let digest = Digest::of(&bytes);
        if which != Which::Digest(digest.clone()) && matches!(which, Which::Digest(_)) {
            return Err(Error::Invalid(format!("the manifest is {digest}, and not {which}")));
        }
        let path = self.inner.manifest_path(&which);
        let media_type = HeaderValue::try_from(media_type)
            .map_err(|_| Error::Invalid(format!("invalid media type: {}", text::shown(media_type))))?;
        let mut call = Call::new(Method::PUT, &path, &self.inner.pushing);
        call.headers.insert(CONTENT_TYPE, media_type);
        call.payload = Payload::Bytes(bytes);
        let response = self.inner.registry.send(&call).await?;
        if !response.status.is_success() {
            return Err(self.not_taken(response).await);
        }
        if let Some(stored) = claimed_digest(&response)?.filter(|stored| *stored != digest) {
            return Err(Error::Lied(format!("{} stored {stored}, and was sent {digest}", self.inner.name)));
        }
        response.discard().await;
        Ok(digest)
    }

    /// Deletes a manifest; most registries want its digest for that.
    pub async fn delete_manifest(&self, tag_or_digest: &str) -> Result<()> {
        let which = Which::parse(tag_or_digest)?;
        let path = self.inner.manifest_path(&which);
        let scopes = Scopes::delete(&self.inner.path);
        let response = self.inner.registry.send(&Call::new(Method::DELETE, &path, &scopes)).await?;
        if response.status.is_success() {
            response.discard().await;
            return Ok(());
        }
        let reference = self.inner.reference(&which);
        let subject = Subject::Manifest { name: &self.inner.name, reference: &reference };
        Err(Refusal::read(response).await.about(subject))
    }
}
