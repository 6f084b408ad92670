//! Blobs on their way to a registry.

use crate::connection::RequestBody;
use crate::error::{Error, Kind, Result};
use crate::manifest::Descriptor;
use crate::origin::Origin;
use crate::repository::{Operation, Repository, back_off, resolve};
use crate::token::percent;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use hyper::{Method, StatusCode};
use std::io;
use std::path::Path;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// Times that a blob is sent again.
const RETRIES: u32 = 3;

/// Read from a file at a time.
const CHUNK: usize = 128 << 10;

impl Repository {
    /// Whether the registry has a blob.
    ///
    /// # Errors
    /// The registry can't be asked, or doesn't tell us.
    pub async fn has_blob(&self, digest: &str) -> Result<bool> {
        let url = self.url(&format!("blobs/{digest}"));
        let answer = self.ask(self.home()?, Operation::Push, &Method::HEAD, &url, &HeaderMap::new(), None).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(false),
            status if status.is_success() => Ok(true),
            _ => Err(self.failure(&self.shown(), answer).await),
        }
    }

    /// Has the registry take a blob from another of its repositories. False: it must be sent.
    ///
    /// # Errors
    /// The registry can't be asked.
    pub async fn mount_blob(&self, digest: &str, from: &str) -> Result<bool> {
        let url = self.url(&format!("blobs/uploads/?mount={}&from={}", percent(digest), percent(from)));
        let answer = self.ask(self.home()?, Operation::Push, &Method::POST, &url, &length(0), None).await?;
        Ok(answer.status == StatusCode::CREATED)
    }

    /// Sends a blob that is there as a whole.
    ///
    /// # Errors
    /// The registry doesn't want it.
    pub async fn upload_bytes(&self, blob: &Descriptor, bytes: Bytes) -> Result<()> {
        let (origin, path) = self.begin(blob).await?;
        let body = crate::connection::full(bytes);
        self.put(blob, &origin, &path, body).await
    }

    /// Sends a file. `look` is told how many bytes have gone.
    ///
    /// # Errors
    /// The registry doesn't want it, or the file can't be read.
    pub async fn upload_file(
        &self,
        blob: &Descriptor,
        file: &Path,
        look: impl Fn(u64) + Clone + Send + 'static,
    ) -> Result<()> {
        let mut tries = 0;
        loop {
            let open = File::open(file).await;
            let open = open.map_err(|error| Error::new(Kind::NotFound, format!("{}: {error}", file.display())))?;
            let sent = async {
                let (origin, path) = self.begin(blob).await?;
                self.put(blob, &origin, &path, body(open, look.clone())).await
            };
            match sent.await {
                Err(error) if error.is_transient() && tries < RETRIES => {
                    tokio::time::sleep(back_off(self.timeouts().retry, tries)).await;
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    /// Where a blob is to be sent.
    async fn begin(&self, blob: &Descriptor) -> Result<(Origin, String)> {
        let home = self.home()?;
        let url = self.url("blobs/uploads/");
        let answer = self.ask(home, Operation::Push, &Method::POST, &url, &length(0), None).await?;
        if answer.status != StatusCode::ACCEPTED {
            return Err(self.failure(&self.shown(), answer).await);
        }
        let missing =
            || Error::new(Kind::Broken, format!("{}: the registry doesn't say where to send blobs", self.shown()));
        let location = answer.header(LOCATION).ok_or_else(missing)?;
        let (origin, path) = resolve(answer.origin(), location)?;
        let separator = if path.contains('?') { '&' } else { '?' };
        Ok((origin, format!("{path}{separator}digest={}", percent(&blob.digest))))
    }

    async fn put(&self, blob: &Descriptor, origin: &Origin, path: &str, body: RequestBody) -> Result<()> {
        let mut headers = length(blob.size);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        let answer = self.send_stream(origin, &Method::PUT, path, &headers, body).await?;
        if answer.status == StatusCode::CREATED || answer.status == StatusCode::NO_CONTENT {
            Ok(())
        } else {
            Err(self.failure(&self.shown(), answer).await)
        }
    }
}

fn length(bytes: u64) -> HeaderMap {
    [(CONTENT_LENGTH, HeaderValue::from(bytes))].into_iter().collect()
}

fn body(file: File, look: impl Fn(u64) + Send + 'static) -> RequestBody {
    let chunks = stream::try_unfold((file, 0u64), move |(mut file, done)| async move {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = file.read_buf(&mut chunk).await?;
        Ok::<_, io::Error>((read > 0).then(|| (Bytes::from(chunk), (file, done + read as u64))))
    });
    let mut done = 0;
    let frames = chunks.map(move |chunk| {
        let chunk = chunk?;
        done += chunk.len() as u64;
        look(done);
        Ok(Frame::data(chunk))
    });
    StreamBody::new(frames).boxed_unsync()
}
