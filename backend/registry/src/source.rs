//! What is uploaded.

use bytes::Bytes;
use std::io;
use std::pin::Pin;
use tokio::io::AsyncRead;

/// Content that can be read more than once: an upload that broke off begins again.
pub trait Source: Send + Sync {
    fn open(&self) -> Opening<'_>;
}

pub type Opening<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn AsyncRead + Send + Unpin>>> + Send + 'a>>;

impl Source for Bytes {
    fn open(&self) -> Opening<'_> {
        let reader: Box<dyn AsyncRead + Send + Unpin> = Box::new(io::Cursor::new(self.clone()));
        Box::pin(std::future::ready(Ok(reader)))
    }
}
