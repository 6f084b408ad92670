//! Whether a client has read what it was sent.

use runtime::unread_by_peer;
use std::io::{self, ErrorKind};
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::UnixStream;

/// How long a client may take to read. One that does something else first must not wait for its bytes for ever.
const PATIENCE: Duration = Duration::from_millis(100);

/// What the kernel still counts while it tells us that the last byte was read.
const NOTHING: usize = 1;

/// Gives the stream back once the client at its other end has read all that was written to it, or has taken too long.
///
/// Many clients read the head of an answer into a buffer that they drop when the connection stops being HTTP: what follows
/// the head must not be in the same buffer.
pub async fn taken(client: UnixStream) -> io::Result<UnixStream> {
    match tokio::time::timeout(PATIENCE, all_read(&client)).await {
        Ok(read) => read.map(|()| client),
        // It was noted as not writable, and would stay that until the client reads.
        Err(_) => UnixStream::from_std(client.into_std()?),
    }
}

/// The kernel says that a unix socket is writable whenever its peer has read something.
async fn all_read(client: &UnixStream) -> io::Result<()> {
    loop {
        client.writable().await?;
        let read = client.try_io(Interest::WRITABLE, || match unread_by_peer(client)? {
            ..=NOTHING => Ok(()),
            _ => Err(ErrorKind::WouldBlock.into()),
        });
        match read {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn what_follows_is_held_back_until_the_head_is_read() {
        let (mut ours, mut client) = UnixStream::pair().unwrap();
        ours.write_all(b"head").await.unwrap();
        let writing = tokio::spawn(async move {
            let mut ours = taken(ours).await.unwrap();
            ours.write_all(b"body").await.unwrap();
        });
        // It has had every chance to write.
        tokio::time::sleep(Duration::from_millis(5)).await;
        let mut buffer = [0; 100];
        assert_eq!(client.read(&mut buffer).await.unwrap(), 4);
        let heard = std::time::Instant::now();
        assert_eq!(client.read(&mut buffer).await.unwrap(), 4);
        assert!(heard.elapsed() < PATIENCE, "it is told of the reading");
        writing.await.unwrap();
    }

    #[tokio::test]
    async fn one_that_does_not_read_is_written_to_all_the_same() {
        let (mut ours, mut client) = UnixStream::pair().unwrap();
        ours.write_all(b"head").await.unwrap();
        taken(ours).await.unwrap().write_all(b"body").await.unwrap();
        assert_eq!(client.read(&mut [0; 100]).await.unwrap(), 8);
    }

    #[tokio::test]
    async fn one_that_has_gone_is_not_waited_for() {
        let (mut ours, client) = UnixStream::pair().unwrap();
        ours.write_all(b"head").await.unwrap();
        drop(client);
        taken(ours).await.unwrap();
    }
}
