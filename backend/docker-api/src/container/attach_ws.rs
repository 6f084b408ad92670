//! `GET /containers/{id}/attach/ws`: a process's streams over a WebSocket, raw in binary messages.

use super::attach::options;
use crate::error::Reply;
use crate::frame::Unframed;
use crate::query::{Name, Params};
use crate::serve::Place;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use engine::VirtualHost;
use engine::container::Attached;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CHUNK: usize = 32 * 1024;
/// Longest message of a client, in bytes.
const LONGEST: usize = 64 * 1024;

pub(crate) async fn attach_ws(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
    place: Option<Extension<Place>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Reply {
    // As in Docker: first that there is something to attach to, then how.
    host.container(&name)?;
    let Ok(upgrade) = upgrade else { return Ok((StatusCode::BAD_REQUEST, "not websocket protocol").into_response()) };
    let attached = host.attach_container(&name, options(&params)).await?;
    Ok(upgrade.max_message_size(LONGEST).on_upgrade(async move |socket| {
        let _place = place;
        if let Err(error) = connect(socket, attached).await {
            tracing::debug!(%error, "a WebSocket of an attach ended early");
        }
    }))
}

/// Passes bytes on in both ways until the process has no more output, or the client is gone.
async fn connect(socket: WebSocket, mut attached: Attached) -> io::Result<()> {
    let (mut sink, mut messages) = socket.split();
    let mut unframed = Unframed::new(attached.tty);
    while let Some(piece) = attached.replay.next().await {
        send(&mut sink, unframed.payload(&piece)).await?;
    }
    let Some(pending) = attached.stream else { return sink.close().await.map_err(io::Error::other) };
    // What comes before the container runs, or before its stream is there, is for it as well.
    let mut early = Vec::new();
    let process = tokio::select! {
        process = pending.connected() => process,
        () = hold(&mut messages, &mut early) => None,
    };
    let Some(process) = process else { return sink.close().await.map_err(io::Error::other) };
    let (mut from_process, mut to_process) = process.into_split();
    let output = async {
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = from_process.read(&mut chunk).await?;
            if length == 0 {
                return sink.close().await.map_err(io::Error::other);
            }
            send(&mut sink, unframed.payload(chunk.get(..length).unwrap_or_default())).await?;
        }
    };
    let input = async {
        // A process may have closed its input long before the end of its output.
        let _ = to_process.write_all(&early).await;
        while let Some(Ok(message)) = messages.next().await {
            let _ = to_process.write_all(input(&message)).await;
        }
        Ok(())
    };
    tokio::select! {
        ended = output => ended,
        gone = input => gone,
    }
}

/// Reads on until the client goes; of what it sends no more than one message's length is held.
async fn hold(messages: &mut SplitStream<WebSocket>, early: &mut Vec<u8>) {
    while early.len() < LONGEST {
        let Some(Ok(message)) = messages.next().await else { return };
        early.extend_from_slice(input(&message));
    }
    std::future::pending().await
}

/// What a message has for the process: pings and the end have nothing.
fn input(message: &Message) -> &[u8] {
    match message {
        Message::Binary(bytes) => bytes,
        Message::Text(text) => text.as_bytes(),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => &[],
    }
}

async fn send(sink: &mut SplitSink<WebSocket, Message>, bytes: Vec<u8>) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    sink.send(Message::Binary(bytes.into())).await.map_err(io::Error::other)
}
