//! An answer.

use super::{Body, Failure, Url};
use crate::{Error, Result};
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{AsHeaderName, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};

/// Enough to keep a connection for the sake of which an answer of no interest is read.
const WORTH_READING: usize = 64 << 10;

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Where it is from: after redirects not what was asked.
    pub(crate) url: Url,
    /// As Docker writes it in errors: `Get "https://example.org/v2/"`.
    pub(crate) request: String,
    /// Whether it was shown who asks.
    pub(crate) is_authorized: bool,
    pub(crate) body: Body,
}

impl Response {
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long the body claims to be.
    pub(crate) fn length(&self) -> Option<u64> {
        self.header(CONTENT_LENGTH)?.parse().ok()
    }

    /// The type of the body in lower case, without parameters.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header(CONTENT_TYPE)?.split(';').next()?.trim().to_ascii_lowercase();
        Some(value).filter(|value| !value.is_empty())
    }

    /// Whether it is a page for people: what servers answer with that are no registries.
    pub(crate) fn is_page(&self) -> bool {
        self.media_type().is_some_and(|kind| kind == "text/html" || kind == "application/xhtml+xml")
    }

    pub(crate) async fn bytes(self, limit: usize) -> Result<Bytes> {
        let too_large = || Failure::TooLarge(limit).of(&self.request);
        if self.length().is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        self.body.collect(limit).await.map_err(|e| e.of(&self.request))
    }

    /// Reads what does not matter, so that the connection can be used again.
    pub(crate) async fn discard(self) {
        drop(self.body.collect(WORTH_READING).await);
    }

    pub(crate) fn not_a_registry(&self, why: &str) -> Error {
        let host = self.url.origin.authority();
        Error::NotARegistry(format!("{}: {why}: {host} does not answer as a registry does", self.request))
    }
}
