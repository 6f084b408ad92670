//! Uploads of blobs: begun, sent, and finished under their digest.

use super::Repository;
use crate::http::{Payload, Response, Scheme, Url};
use crate::manifest::Descriptor;
use crate::peer::{Call, To};
use crate::refusal::{Refusal, Subject};
use crate::{Error, Result, Source, text};
use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION};

impl Repository {
    /// Uploads a blob. `sent` is told how many of its bytes are on their way; the number falls back when an upload that
    /// broke off begins again.
    ///
    /// # Errors
    /// The registry does not take it, or the source is not what the descriptor says.
    pub async fn upload_blob(
        &self,
        descriptor: &Descriptor,
        source: &dyn Source,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<()> {
        let mut patience = self.inner.registry.patience();
        loop {
            let location = self.begin_upload().await?;
            let error = match self.upload_to(&location, descriptor, source, sent).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            // A registry that was started anew knows nothing of what was begun.
            let in_passing = match &error {
                Error::Broken(_) | Error::TimedOut(_) | Error::NotFound(_) => true,
                Error::Registry { status, .. } => *status >= 500,
                _ => false,
            };
            let wait = if in_passing { patience.after_failure() } else { None };
            let Some(wait) = wait else { return Err(error) };
            tracing::debug!(digest = %descriptor.digest, %error, "an upload begins again");
            tokio::time::sleep(wait).await;
        }
    }

    async fn begin_upload(&self) -> Result<Url> {
        let path = format!("/v2/{}/blobs/uploads/", self.inner.path);
        let response = self.inner.registry.send(&Call::new(Method::POST, &path, &self.inner.pushing)).await?;
        if response.status.as_u16() != 202 {
            return Err(self.not_taken(response).await);
        }
        let location = upload_location(&response)?;
        response.discard().await;
        location.ok_or_else(|| Error::NotARegistry(format!("{} began an upload without saying where", self.inner.name)))
    }

    async fn upload_to(
        &self,
        location: &Url,
        descriptor: &Descriptor,
        source: &dyn Source,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<()> {
        let binary = || [(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))].into_iter().collect();
        let scopes = &self.inner.pushing;
        let sending = Call {
            method: Method::PATCH,
            to: To::Url(location),
            headers: binary(),
            payload: Payload::Source { source, size: descriptor.size, sent },
            scopes,
        };
        let response = self.inner.registry.send_once(&sending).await?;
        if !response.status.is_success() {
            return Err(self.not_taken(response).await);
        }
        let next = upload_location(&response)?.unwrap_or_else(|| location.clone());
        response.discard().await;
        let next = next.with_field("digest", descriptor.digest.as_str()).ok_or_else(|| {
            Error::NotARegistry(format!("{} names an impossible place for an upload", self.inner.name))
        })?;
        let finishing =
            Call { method: Method::PUT, to: To::Url(&next), headers: binary(), payload: Payload::Empty, scopes };
        let response = self.inner.registry.send_once(&finishing).await?;
        if !response.status.is_success() {
            return Err(self.not_taken(response).await);
        }
        response.discard().await;
        Ok(())
    }

    pub(super) async fn not_taken(&self, response: Response) -> Error {
        if response.status.is_success() || response.status.is_redirection() {
            let status = response.status;
            return response.not_a_registry(&format!("{status} is no answer to that"));
        }
        Refusal::read(response).await.about(Subject::Push { name: &self.inner.name })
    }
}

/// Where an upload goes on. It may be anywhere that a redirect may lead to; credentials stay with the registry.
pub(super) fn upload_location(response: &Response) -> Result<Option<Url>> {
    let Some(location) = response.header(LOCATION) else { return Ok(None) };
    let refused = |why: &str| Error::BadRedirect(format!("{}: {why}: {}", response.request, text::shown(location)));
    let url =
        response.url.join(location).ok_or_else(|| refused("it sends uploads to what is no address of the web"))?;
    if response.url.origin.scheme == Scheme::Https && url.origin.scheme == Scheme::Http {
        return Err(refused(
            "it sends uploads from HTTPS to plain HTTP (a registry behind a proxy needs the header X-Forwarded-Proto)",
        ));
    }
    Ok(Some(url))
}
