//! `GET /images/get`, `GET /images/{name}/get`: `docker save`

use super::platform;
use crate::error::Reply;
use crate::query::{Name, Params};
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use engine::VirtualHost;
use futures_util::stream;
use std::io::Read;
use std::sync::Arc;
use tokio::sync::mpsc;

const CHUNK: usize = 256 * 1024;
/// Chunks that are made before the client has taken the first.
const AHEAD: usize = 4;

/// Of one image.
pub(crate) async fn save_one(State(host): State<Arc<VirtualHost>>, Name(name): Name, params: Params) -> Reply {
    answer(&host, &[&name], &params).await
}

/// Of several.
pub(crate) async fn save(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply {
    answer(&host, &params.all("names"), &params).await
}

async fn answer(host: &VirtualHost, names: &[&str], params: &Params) -> Reply<Response> {
    let platform = platform::of_json(params)?;
    let (saved, permit) = host.save_images(names, platform.as_ref()).await?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        send(saved, &sender);
    });
    let chunks = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
    Ok(([(header::CONTENT_TYPE, "application/x-tar")], Body::from_stream(chunks)).into_response())
}

/// Until the end, or until nobody wants more.
fn send(mut saved: impl Read, chunks: &mpsc::Sender<std::io::Result<Bytes>>) {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = saved.by_ref().take(CHUNK as u64).read_to_end(&mut chunk);
        let chunk = match read {
            Ok(0) => return,
            Ok(_) => Ok(Bytes::from(chunk)),
            Err(error) => {
                tracing::warn!(%error, "images could not be saved to the end");
                Err(error)
            }
        };
        let is_last = chunk.is_err();
        if chunks.blocking_send(chunk).is_err() || is_last {
            return;
        }
    }
}
