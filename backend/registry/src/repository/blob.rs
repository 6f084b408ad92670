//! Downloads of blobs: checked as they come, and taken up again where they broke off.

use super::Repository;
use crate::http::{Body, Patience, Response};
use crate::manifest::Descriptor;
use crate::peer::{Call, Peer};
use crate::refusal::{Refusal, Subject};
use crate::{Digest, Error, Result};
use bytes::Bytes;
use hyper::header::{CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use hyper::{Method, StatusCode};
use sha2::{Digest as _, Sha256};

/// A blob on its way. Dropping it ends its connection.
#[derive(Debug)]
pub struct Download {
    repository: Repository,
    descriptor: Descriptor,
    /// Of all that came, and of what the caller had before.
    hasher: Sha256,
    /// How many bytes that are.
    received: u64,
    running: Option<Running>,
    /// Which of the repository's peers it comes from.
    peer: usize,
    patience: Patience,
    /// Whether this peer can begin in the middle. If not, what is there already is read again.
    has_ranges: bool,
    end: Option<End>,
}

#[derive(Debug)]
struct Running {
    body: Body,
    request: String,
    /// What comes first and is there already.
    skip: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Verified,
    Failed,
}

impl Repository {
    /// Begins a download. Nothing is asked before the first [`Download::chunk`].
    pub fn blob(&self, descriptor: &Descriptor) -> Download {
        Download {
            repository: self.clone(),
            descriptor: descriptor.clone(),
            hasher: Sha256::new(),
            received: 0,
            running: None,
            peer: 0,
            patience: self.inner.source(0).patience(),
            has_ranges: true,
            end: None,
        }
    }

    /// Goes on with a download of which the first bytes are there. `hasher` has read them.
    ///
    /// # Errors
    /// There are more than the blob has.
    pub fn resume_blob(&self, descriptor: &Descriptor, received: u64, hasher: Sha256) -> Result<Download> {
        if received > descriptor.size {
            let (digest, size) = (&descriptor.digest, descriptor.size);
            return Err(Error::Invalid(format!("{received} bytes of {digest} are there, and it has {size}")));
        }
        Ok(Download { received, hasher, ..self.blob(descriptor) })
    }
}

impl super::Inner {
    /// The mirrors by number, then the registry.
    fn source(&self, number: usize) -> &Peer {
        self.mirrors.get(number).unwrap_or(&self.registry)
    }
}

impl Download {
    /// The next bytes. `None`: that was all, and it is what the digest says. Nothing is lost if this is dropped while it
    /// waits.
    ///
    /// # Errors
    /// What came is not what was announced, or the connection breaks again and again. The bytes until then are worth
    /// nothing if it is [`Error::Lied`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        match self.end {
            Some(End::Verified) => return Ok(None),
            Some(End::Failed) => {
                return Err(Error::Broken(format!("the download of {} has failed", self.descriptor.digest)));
            }
            None => {}
        }
        let outcome = self.next().await;
        self.end = match &outcome {
            Ok(Some(_)) => None,
            Ok(None) => Some(End::Verified),
            Err(_) => Some(End::Failed),
        };
        outcome
    }

    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// How many of the blob's bytes are there, with those that were there before.
    pub fn received(&self) -> u64 {
        self.received
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.received == self.descriptor.size {
                return self.finish().await.map(|()| None);
            }
            let Some(running) = &mut self.running else {
                self.running = Some(self.open().await?);
                continue;
            };
            let failure = match running.body.chunk().await {
                Ok(Some(mut chunk)) => {
                    let skipped = chunk.len().min(usize::try_from(running.skip).unwrap_or(usize::MAX));
                    running.skip -= skipped as u64;
                    drop(chunk.split_to(skipped));
                    if chunk.len() as u64 > self.descriptor.size - self.received {
                        return Err(self.too_long());
                    }
                    if chunk.is_empty() {
                        continue;
                    }
                    self.hasher.update(&chunk);
                    self.received += chunk.len() as u64;
                    self.patience.progress();
                    return Ok(Some(chunk));
                }
                Ok(None) => {
                    let Descriptor { digest, size, .. } = &self.descriptor;
                    let received = self.received;
                    Error::Lied(format!("{digest} ended after {received} of {size} bytes"))
                }
                Err(failure) => failure.of(&running.request),
            };
            self.running = None;
            self.pause(failure).await?;
        }
    }

    /// All bytes are there: whether they are the right ones, and no more come.
    async fn finish(&mut self) -> Result<()> {
        if let Some(running) = &mut self.running
            && let Ok(Some(_)) = running.body.chunk().await
        {
            return Err(self.too_long());
        }
        self.running = None;
        let (is, wanted) = (Digest::finish(self.hasher.clone()), &self.descriptor.digest);
        if is != *wanted {
            return Err(Error::Lied(format!("filesystem layer verification failed for digest {wanted}: it is {is}")));
        }
        Ok(())
    }

    /// After a failure: waits, or goes to the next peer, or gives up.
    async fn pause(&mut self, failure: Error) -> Result<()> {
        let again = match &failure {
            Error::Broken(_) | Error::TimedOut(_) | Error::Unreachable { .. } | Error::Lied(_) => {
                self.patience.after_failure()
            }
            _ => None,
        };
        match again {
            Some(wait) => {
                tracing::debug!(digest = %self.descriptor.digest, received = self.received, %failure, "a download goes on");
                tokio::time::sleep(wait).await;
                Ok(())
            }
            None => self.pass_over(failure),
        }
    }

    /// Gives this peer up. Errors: it is the registry itself.
    fn pass_over(&mut self, failure: Error) -> Result<()> {
        let mirrors = &self.repository.inner.mirrors;
        let Some(mirror) = mirrors.get(self.peer) else { return Err(failure) };
        self.repository.passed_over(mirror, &failure);
        self.peer += 1;
        self.patience = self.repository.inner.source(self.peer).patience();
        self.has_ranges = true;
        Ok(())
    }

    async fn open(&mut self) -> Result<Running> {
        loop {
            let inner = &self.repository.inner;
            let peer = inner.source(self.peer);
            if peer.is_lost() && self.peer < inner.mirrors.len() {
                self.peer += 1;
                self.patience = inner.source(self.peer).patience();
                continue;
            }
            let path = inner.blob_path(&self.descriptor.digest);
            let asks_range = self.has_ranges && self.received > 0;
            let mut headers = HeaderMap::new();
            if asks_range {
                let range = HeaderValue::try_from(format!("bytes={}-", self.received));
                headers.extend(range.ok().map(|range| (RANGE, range)));
            }
            let call = Call { headers, ..Call::new(Method::GET, &path, &inner.pulling) };
            let outcome = peer.send_once(&call).await;
            // Other failures count below.
            if outcome.is_ok()
                && let Some(wait) = self.patience.after(&outcome)
            {
                tokio::time::sleep(wait).await;
                continue;
            }
            let failure = match outcome {
                Ok(response) if asks_range && response.status == StatusCode::RANGE_NOT_SATISFIABLE => {
                    self.has_ranges = false;
                    Error::Broken(format!("{}: it has no ranges", response.request))
                }
                Ok(response) => match self.accept(response, asks_range).await {
                    Ok(running) => return Ok(running),
                    // A refusal is final for this peer, and so is a lie about the size.
                    Err(error) => {
                        self.pass_over(error)?;
                        continue;
                    }
                },
                Err(error) => error,
            };
            self.pause(failure).await?;
        }
    }

    /// Checks what is announced before the first byte is read.
    async fn accept(&self, response: Response, asked_range: bool) -> Result<Running> {
        let Descriptor { digest, size, .. } = &self.descriptor;
        let skip = match response.status {
            StatusCode::OK => self.received,
            StatusCode::PARTIAL_CONTENT if asked_range => 0,
            _ => {
                let digest = digest.as_str();
                let subject = Subject::Blob { name: &self.repository.inner.name, digest };
                return Err(Refusal::read(response).await.about(subject));
            }
        };
        if response.status == StatusCode::PARTIAL_CONTENT {
            let wanted = format!("bytes {}-{}/{size}", self.received, size - 1);
            let range = response.header(CONTENT_RANGE).unwrap_or_default().trim();
            if range != wanted && range != wanted.replace(&format!("/{size}"), "/*") {
                let range = crate::text::shown(range);
                return Err(Error::Lied(format!("{}: asked for {wanted}, got {range}", response.request)));
            }
        }
        let expected = if skip > 0 { *size } else { size - self.received };
        if let Some(length) = response.length().filter(|length| *length != expected) {
            if response.is_page() {
                return Err(response.not_a_registry("a web page came instead of a blob"));
            }
            return Err(Error::Lied(format!("{digest} should have {expected} bytes, and the registry sends {length}")));
        }
        Ok(Running { request: response.request, body: response.body, skip })
    }

    fn too_long(&self) -> Error {
        let Descriptor { digest, size, .. } = &self.descriptor;
        Error::Lied(format!("{digest} has more than the {size} bytes that were announced"))
    }
}
