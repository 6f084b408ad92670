//! Takes connections: one loop for everything that is listened on. Whoever connects is not trusted.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream, unix};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// How long not to accept after it failed: then there are no descriptors, and some come back.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes connections for ever, so many at once; more wait in the listener's backlog. `serve` has each as long as it works on it, by its
/// stream, its sender's address and its place, which counts as taken until that is dropped. Dropping the future ends all of them.
pub async fn accept<L: Listener, S: Future<Output = ()> + Send + 'static>(
    listener: L,
    places: usize,
    mut serve: impl FnMut(L::Stream, L::Address, OwnedSemaphorePermit) -> S,
) {
    let places = Arc::new(Semaphore::new(places));
    let mut connections = JoinSet::new();
    let mut failed = false;
    // Nobody closes it: this doesn't end.
    while let Ok(place) = places.clone().acquire_owned().await {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, address)) => {
                failed = false;
                connections.spawn(serve(stream, address, place));
            }
            Err(error) => {
                // Once is enough in the log: it may go on for long.
                if !std::mem::replace(&mut failed, true) {
                    tracing::warn!(%error, "connections can't be taken");
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// What is listened on.
pub trait Listener {
    type Stream;
    type Address;
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Self::Address)>> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;
    type Address = SocketAddr;

    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.accept().await
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;
    type Address = unix::SocketAddr;

    async fn accept(&self) -> io::Result<(UnixStream, unix::SocketAddr)> {
        self.accept().await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_waits_for_one() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(accept(listener, 1, |mut stream, _, place| async move {
            // Says hello, and stays until it hears something.
            stream.write_all(b"x").await.unwrap();
            let _ = stream.read_u8().await;
            drop(place);
        }));
        let mut first = TcpStream::connect(address).await.unwrap();
        first.read_u8().await.unwrap();
        let mut second = TcpStream::connect(address).await.unwrap();
        assert_eq!(second.try_read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        first.write_all(b"x").await.unwrap();
        second.read_u8().await.unwrap();
        serving.abort();
        assert!(second.read_u8().await.is_err(), "it ends with the loop");
    }
}
