//! What a server says first: one that answers TLS with HTTP shall be told from other nonsense.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose first bytes are remembered.
#[derive(Debug)]
pub(super) struct Sniff<S> {
    inner: S,
    first: Vec<u8>,
}

const HTTP: &[u8] = b"HTTP/";

impl<S> Sniff<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, first: Vec::new() }
    }

    pub(super) fn is_http(&self) -> bool {
        self.first == HTTP
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Sniff<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        let missing = HTTP.len() - self.first.len();
        self.first.extend(buf.filled().iter().skip(before).take(missing));
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Sniff<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
