//! Connections that stop being HTTP: attach and exec turn them into the process's own streams.

use crate::detach::{DetachKeys, Detector, Typed};
use crate::error::{Error, Reply};
use crate::frame::{STDOUT, frame};
use crate::serve::Place;
use crate::version::ApiVersion;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use engine::container::{Attached, Replay};
use engine::taken;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use hyper::ext::ReasonPhrase;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// How often a client that has closed its side is asked whether it still listens.
const LISTENING_CHECK: Duration = Duration::from_secs(2);
const CHUNK: usize = 32 * 1024;

/// Done when a client detaches.
pub(crate) type OnDetach = Box<dyn FnOnce() + Send>;

/// What a request says of the streams that it wants; taken before its body is read.
pub(crate) struct Hijack {
    upgrade: Option<OnUpgrade>,
    version: ApiVersion,
    place: Option<Place>,
    /// Whether the client's bytes are the process's input.
    pub(crate) stdin: bool,
    /// For terminals.
    pub(crate) detach_keys: DetachKeys,
    /// What is done when the client leaves by these keys.
    pub(crate) on_detach: Option<OnDetach>,
}

impl Hijack {
    /// `None` as upgrade if the client did not ask for one.
    pub(crate) fn of(request: &mut Request) -> Self {
        let wanted = wants_upgrade(request.headers());
        let extensions: &mut Extensions = request.extensions_mut();
        Self {
            version: extensions.get().copied().unwrap_or(ApiVersion::MAX),
            place: extensions.get().cloned(),
            upgrade: extensions.remove::<OnUpgrade>().filter(|_| wanted),
            stdin: false,
            detach_keys: DetachKeys::default(),
            on_detach: None,
        }
    }

    /// Refuses input on a connection that cannot carry it, before anything is begun.
    pub(crate) fn check(&self) -> Reply<()> {
        if self.stdin && self.upgrade.is_none() {
            return Err(Error::bad(
                "stdin needs an upgraded connection: send 'Connection: Upgrade' and 'Upgrade: tcp'",
            ));
        }
        Ok(())
    }

    /// Answers with the streams: on the connection itself, or as the body for a client that did not ask to upgrade.
    ///
    /// `attached` is awaited once the head is out; if that fails, the client reads why where the output would be, as in Docker.
    /// Nothing is written before the client has taken the head: some (docker-py) lose what comes together with it.
    pub(crate) fn respond<F>(self, tty: bool, attached: F) -> Response
    where
        F: Future<Output = engine::Result<Attached>> + Send + 'static,
    {
        let attached = attached.map(move |attached| attached.unwrap_or_else(|error| failed(tty, &error)));
        let content_type = HeaderValue::from_static(stream_type(tty, self.version));
        let mut response = Response::new(Body::empty());
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        let Some(upgrade) = self.upgrade else {
            // Who doesn't ask to upgrade is from before there were names for streams.
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(RAW));
            *response.body_mut() = Body::from_stream(attached.into_stream().flat_map(output));
            return response;
        };
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response.extensions_mut().insert(ReasonPhrase::from_static(b"UPGRADED"));
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("tcp"));
        let detector = tty.then(|| Detector::new(self.detach_keys));
        tokio::spawn(async move {
            let _place = self.place;
            let result = match upgrade.await {
                Ok(upgraded) => connect(upgraded, attached, self.stdin, detector).await,
                Err(error) => Err(io::Error::other(error)),
            };
            match (result, self.on_detach) {
                (Ok(End::Detached), Some(on_detach)) => on_detach(),
                (Ok(_), _) => {}
                (Err(error), _) => tracing::debug!(%error, "a hijacked connection ended early"),
            }
        });
        response
    }
}

/// What is left to tell a client whose answer has begun.
fn failed(tty: bool, error: &engine::Error) -> Attached {
    tracing::warn!(error = error.message, "a process could not be connected to its client");
    let message = format!("{error}\r\n").into_bytes();
    Attached { tty, replay: Replay::of(if tty { message } else { frame(STDOUT, &message) }), stream: None }
}

/// Bytes as they are.
pub(crate) const RAW: &str = "application/vnd.docker.raw-stream";

/// Docker's name for a stream: raw bytes of a terminal, or frames (which clients before 1.42 call raw, too).
pub(crate) fn stream_type(tty: bool, version: ApiVersion) -> &'static str {
    if !tty && version.names_multiplexed_streams() { "application/vnd.docker.multiplexed-stream" } else { RAW }
}

fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"tcp"))
}

/// The output alone, for a client that did not ask to upgrade.
fn output(attached: Attached) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let process = async { attached.stream?.connected().await };
    let chunks = process.into_stream().filter_map(std::future::ready).flat_map(|process| {
        stream::try_unfold(process, async |mut process| {
            let mut chunk = vec![0; CHUNK];
            let length = process.read(&mut chunk).await?;
            chunk.truncate(length);
            Ok((length > 0).then_some((chunk, process)))
        })
    });
    let replay = stream::unfold(attached.replay, async |mut replay| Some((Ok(replay.next().await?), replay)));
    replay.chain(chunks)
}

/// The connection itself: unix sockets tell what an upgraded connection hides.
async fn connect(
    upgraded: Upgraded,
    attached: impl Future<Output = Attached>,
    stdin: bool,
    detector: Option<Detector>,
) -> io::Result<End> {
    let parts = upgraded
        .downcast::<TokioIo<UnixStream>>()
        .map_err(|_| io::Error::other("the connection is no unix socket, and only these can be hijacked"))?;
    // What is to be attached takes its time, too: nobody waits twice.
    let (client, mut attached) = tokio::join!(taken(parts.io.into_inner()), attached);
    let mut client = client?;
    while let Some(piece) = attached.replay.next().await {
        client.write_all(&piece).await?;
    }
    match attached.stream {
        Some(pending) => copy(client, parts.read_buf.to_vec(), pending.connected(), stdin, detector).await,
        None => client.shutdown().await.map(|()| End::Over),
    }
}

/// Copies until the process has no more output, the client is gone, or it detaches. `typed` came before.
async fn copy(
    client: UnixStream,
    typed: Vec<u8>,
    process: impl Future<Output = Option<UnixStream>>,
    stdin: bool,
    detector: Option<Detector>,
) -> io::Result<End> {
    let (from_client, mut to_client) = client.into_split();
    let process = tokio::select! {
        process = process => process,
        () = gone(from_client.as_ref()) => None,
    };
    let Some(process) = process else { return to_client.shutdown().await.map(|()| End::Over) };
    let (mut from_process, to_process) = process.into_split();
    let input = async {
        if stdin {
            return input(&from_client, typed, to_process, detector).await;
        }
        ignore(&from_client).await?;
        gone(from_client.as_ref()).await;
        // Not before: it would be an end of input that nobody asked for.
        drop(to_process);
        Ok(End::Over)
    };
    let end = tokio::select! {
        end = input => end?,
        copied = tokio::io::copy(&mut from_process, &mut to_client) => copied.map(|_| End::Over)?,
    };
    to_client.shutdown().await?;
    Ok(end)
}

/// How a connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Over,
    /// The client left by its detach keys.
    Detached,
}

/// Passes what the client writes to the process, then its end. Ends when the client detaches or is gone for good.
async fn input(
    from_client: &OwnedReadHalf,
    mut chunk: Vec<u8>,
    mut to_process: OwnedWriteHalf,
    mut detector: Option<Detector>,
) -> io::Result<End> {
    loop {
        let typed = match &mut detector {
            Some(detector) => detector.feed(&chunk),
            None => Typed::Input(chunk),
        };
        let (bytes, detach) = match typed {
            Typed::Input(bytes) => (bytes, false),
            Typed::Detach(bytes) => (bytes, true),
        };
        // A process may have closed its input long before the end of its output.
        if to_process.write_all(&bytes).await.is_err() {
            ignore(from_client).await?;
            break;
        }
        if detach {
            return Ok(End::Detached);
        }
        chunk = read(from_client).await?;
        if chunk.is_empty() {
            break;
        }
    }
    // Fails only if the process has ended, and then its output ends soon.
    let _ = to_process.shutdown().await;
    gone(from_client.as_ref()).await;
    Ok(End::Over)
}

async fn ignore(from_client: &OwnedReadHalf) -> io::Result<()> {
    while !read(from_client).await?.is_empty() {}
    Ok(())
}

/// The next bytes; none at the end.
async fn read(from: &OwnedReadHalf) -> io::Result<Vec<u8>> {
    loop {
        from.readable().await?;
        let mut chunk = Vec::with_capacity(CHUNK);
        match from.try_read_buf(&mut chunk) {
            Ok(_) => return Ok(chunk),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Ends when the client has closed both its sides. An end of file alone does not tell: clients close the side that
/// they do not need and go on listening. Writing nothing to a socket fails once nobody can read from it.
async fn gone(client: &UnixStream) {
    loop {
        tokio::time::sleep(LISTENING_CHECK).await;
        match client.try_write(&[]) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
