//! A blob on its way: checked while it comes, and gone on with where it broke off.

use crate::connection::Answer;
use crate::error::{Error, Kind, Result};
use crate::manifest::{Descriptor, name};
use crate::repository::{Operation, Repository, back_off, header};
use bytes::Bytes;
use hyper::header::{CONTENT_RANGE, HeaderMap, RANGE};
use hyper::{Method, StatusCode};
use sha2::{Digest, Sha256};

/// Times that it may break off without anything having come since.
const RETRIES: u32 = 5;

/// Bytes of a blob, one chunk after the other. Dropping it ends its connection.
#[derive(Debug)]
pub struct Download {
    repository: Repository,
    blob: Descriptor,
    /// Which of the repository's endpoints is asked.
    endpoint: usize,
    answer: Option<Answer>,
    hash: Sha256,
    /// Bytes that have been handed on.
    done: u64,
    /// Bytes that come again from a registry that doesn't go on in the middle.
    skip: u64,
    tries: u32,
}

impl Repository {
    /// A blob, from its beginning. Nothing is asked for until its first chunk is.
    pub fn blob(&self, blob: &Descriptor) -> Download {
        Download {
            repository: self.clone(),
            blob: blob.clone(),
            endpoint: 0,
            answer: None,
            hash: Sha256::new(),
            done: 0,
            skip: 0,
            tries: 0,
        }
    }
}

impl Download {
    /// The next bytes; `None` when all have come and are what they should be.
    ///
    /// # Errors
    /// It isn't there, isn't what was announced, or breaks off again and again.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            match self.next().await {
                Err(error) if error.is_transient() && self.tries < RETRIES => {
                    tracing::debug!(blob = self.blob.digest, done = self.done, %error, "a download broke off");
                    self.answer = None;
                    tokio::time::sleep(back_off(self.repository.timeouts().retry, self.tries)).await;
                    self.tries += 1;
                }
                Err(error) if self.endpoint + 1 < self.repository.endpoints().len() => {
                    tracing::debug!(blob = self.blob.digest, %error, "the mirror doesn't help");
                    (self.answer, self.endpoint, self.tries) = (None, self.endpoint + 1, 0);
                }
                other => return other,
            }
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.done == self.blob.size && self.answer.is_none() {
            return self.end();
        }
        let mut answer = match self.answer.take() {
            Some(answer) => answer,
            None => self.begin().await?,
        };
        while let Some(mut chunk) = answer.chunk().await? {
            let skipped = self.skip.min(chunk.len() as u64);
            self.skip -= skipped;
            // Not more than a chunk's length.
            let _ = chunk.split_to(usize::try_from(skipped).unwrap_or(chunk.len()));
            if chunk.is_empty() {
                continue;
            }
            if chunk.len() as u64 > self.blob.size - self.done {
                return Err(self.lied("it is longer"));
            }
            self.done += chunk.len() as u64;
            self.hash.update(&chunk);
            self.tries = 0;
            self.answer = Some(answer);
            return Ok(Some(chunk));
        }
        if self.done < self.blob.size {
            // Whoever closes too early may have been cut off.
            return Err(Error::transient(
                Kind::Broken,
                format!("blob {}: it ends after {} of {} bytes", self.blob.digest, self.done, self.blob.size),
            ));
        }
        self.end()
    }

    fn end(&mut self) -> Result<Option<Bytes>> {
        let digest = name(&self.hash.clone().finalize());
        if digest != self.blob.digest {
            return Err(self.lied(&format!("it has the digest {digest}")));
        }
        Ok(None)
    }

    async fn begin(&mut self) -> Result<Answer> {
        let Some(endpoint) = self.repository.endpoints().get(self.endpoint) else {
            return Err(Error::new(Kind::Unreachable, "there is nobody to ask"));
        };
        let url = self.repository.url(&format!("blobs/{}", self.blob.digest));
        let headers = match self.done {
            0 => HeaderMap::new(),
            done => header(RANGE, &format!("bytes={done}-"))?,
        };
        let answer = self.repository.ask(endpoint, Operation::Pull, &Method::GET, &url, &headers, None).await?;
        match answer.status {
            StatusCode::PARTIAL_CONTENT if self.done > 0 => {
                let begins = format!("bytes {}-", self.done);
                if !answer.header(CONTENT_RANGE).is_some_and(|range| range.starts_with(&begins)) {
                    return Err(self.lied("it goes on elsewhere than it was asked to"));
                }
                self.skip = 0;
            }
            StatusCode::OK => self.skip = self.done,
            _ => {
                let what = format!("blob {} of {}", self.blob.digest, self.repository.shown());
                return Err(self.repository.failure(&what, answer).await);
            }
        }
        Ok(answer)
    }

    fn lied(&self, how: &str) -> Error {
        Error::new(
            Kind::Lied,
            format!(
                "blob {} of {} is not what its manifest announces ({} bytes): {how}",
                self.blob.digest,
                self.repository.shown(),
                self.blob.size
            ),
        )
    }
}
