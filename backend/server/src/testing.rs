//! What several tests need.
#![allow(clippy::unwrap_used)]

use crate::terminal::{Shells, Size};
use engine::host::{Foreground, Shell};
use futures_util::future::BoxFuture;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

/// A folder of a test's own, gone after it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lernhafen-test-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and answers where it is.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Hands out sockets in shells' places; the test holds their other ends.
pub(crate) struct Pairs {
    pub(crate) ends: mpsc::UnboundedSender<UnixStream>,
    pub(crate) sizes: mpsc::UnboundedSender<Size>,
    /// The terminals whose shells were to end.
    pub(crate) ended: mpsc::UnboundedSender<u8>,
    /// What runs in all of them.
    pub(crate) commands: Vec<String>,
}

/// What a test holds of [`Pairs`].
pub(crate) struct Ends {
    pub(crate) ends: mpsc::UnboundedReceiver<UnixStream>,
    pub(crate) sizes: mpsc::UnboundedReceiver<Size>,
    pub(crate) ended: mpsc::UnboundedReceiver<u8>,
}

impl Pairs {
    pub(crate) fn new() -> (Self, Ends) {
        let (ends, ends_receiver) = mpsc::unbounded_channel();
        let (sizes, sizes_receiver) = mpsc::unbounded_channel();
        let (ended, ended_receiver) = mpsc::unbounded_channel();
        let receivers = Ends { ends: ends_receiver, sizes: sizes_receiver, ended: ended_receiver };
        (Self { ends, sizes, ended, commands: Vec::new() }, receivers)
    }
}

impl Shells for Pairs {
    fn open(&self, _terminal: u8, _size: Size) -> BoxFuture<'_, engine::Result<Shell>> {
        let (stream, end) = UnixStream::pair().unwrap();
        let sent = self.ends.send(end).map_err(|_| engine::Error::system("no more shells"));
        Box::pin(async { sent.map(|()| Shell { stream, replayed: 0, marks: None }) })
    }

    fn resize(&self, _terminal: u8, size: Size) -> BoxFuture<'_, engine::Result<()>> {
        let sent = self.sizes.send(size).map_err(|_| engine::Error::system("nobody wants to know"));
        Box::pin(async { sent })
    }

    fn commands(&self, _terminal: u8) -> BoxFuture<'_, engine::Result<Vec<String>>> {
        let commands = self.commands.clone();
        Box::pin(async { Ok(commands) })
    }

    fn end(&self, terminal: u8) -> BoxFuture<'_, engine::Result<()>> {
        let sent = self.ended.send(terminal).map_err(|_| engine::Error::system("nobody wants to know"));
        Box::pin(async { sent })
    }

    fn foreground(&self, _terminal: u8) -> BoxFuture<'_, engine::Result<Foreground>> {
        Box::pin(async { Err(engine::Error::system("nobody knows what is in front of a socket")) })
    }

    fn container(&self, _name: &str) -> Option<bool> {
        None
    }
}
