//! `POST /images/load`: `docker load`

use super::{platform, progress};
use crate::body;
use crate::error::Reply;
use crate::query::Params;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::IntoResponse;
use engine::VirtualHost;
use engine::image::Loaded;
use futures_util::stream;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Lines that wait for the client to read them.
const LINES: usize = 256;

/// Tells in lines how it goes; an error is one of them, as the answer has begun by then.
pub(crate) async fn load(State(host): State<Arc<VirtualHost>>, params: Params, request: Request) -> Reply {
    let body = request.into_body();
    let platform = match platform::of_json(&params) {
        Ok(platform) => platform,
        Err(error) => {
            body::discard(body).await;
            return Err(error);
        }
    };
    // What isn't said is true here.
    let quiet = params.text("quiet").is_none() || params.bool("quiet");
    let (reader, upload) = body::reader(body);
    let (lines, receiver) = mpsc::channel(LINES);
    tokio::spawn(async move {
        let told = lines.clone();
        let outcome = host.load_images(reader.begun().await, platform, move |loaded| tell(&told, loaded, quiet)).await;
        // A client whose upload breaks off never reads the answer.
        upload.finished().await;
        if let Err(error) = outcome {
            let message = error.to_string();
            // The client may have gone.
            let _ = lines.send(json!({"errorDetail": {"message": &message}, "error": &message})).await;
        }
    });
    let lines = stream::unfold(receiver, async |mut receiver| {
        let line: Value = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(format!("{line}\r\n")), receiver))
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(lines)).into_response())
}

fn tell(lines: &mpsc::Sender<Value>, loaded: Loaded, quiet: bool) {
    let stream = |text: String| json!({ "stream": text });
    let line = match loaded {
        Loaded::Layer { .. } if quiet => return,
        Loaded::Layer { id, current, total } => {
            let line = json!({
                "status": "Loading layer",
                "progressDetail": {"current": current, "total": total},
                "progress": progress::bar(current, total),
                "id": id,
            });
            // There are clients that send everything before they read anything: none may keep the other waiting.
            let _ = lines.try_send(line);
            return;
        }
        Loaded::Renamed { name, old } => {
            stream(format!("The image {name} already exists, renaming the old one with ID {old} to empty string\n"))
        }
        Loaded::Named { name, .. } => stream(format!("Loaded image: {name}\n")),
        Loaded::Image { .. } => return,
        Loaded::Ids(ids) => stream(ids.iter().map(|id| format!("Loaded image ID: {id}\n")).collect()),
    };
    // The client may have gone: the images come all the same.
    let _ = lines.blocking_send(line);
}
