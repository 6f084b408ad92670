//! `POST /images/load`: `docker load`

use super::platform;
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
        let outcome = host.load_images(reader, platform, move |loaded| tell(&told, loaded, quiet)).await;
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
                "progress": bar(current, total),
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

/// Docker's bar, as for a terminal of 200 columns.
fn bar(current: u64, total: u64) -> String {
    let done = usize::try_from(current.saturating_mul(50) / total.max(1)).unwrap_or(50).min(50);
    format!("[{}>{}] {:>8}/{}", "=".repeat(done), " ".repeat(50 - done), size(current), size(total))
}

/// In Docker's way: four digits, decimal units.
#[expect(clippy::cast_precision_loss, reason = "four digits are shown")]
fn size(bytes: u64) -> String {
    let (mut size, mut unit) = (bytes as f64, 0);
    while size >= 1000.0 && unit < 4 {
        size /= 1000.0;
        unit += 1;
    }
    let digits = match size {
        size if size < 10.0 => 3,
        size if size < 100.0 => 2,
        size if size < 1000.0 => 1,
        _ => 0,
    };
    let mut shown = format!("{size:.digits$}");
    if shown.contains('.') {
        shown.truncate(shown.trim_end_matches('0').trim_end_matches('.').len());
    }
    format!("{shown}{}", ["B", "kB", "MB", "GB", "TB"][unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a real dockerd writes them.
    #[test]
    fn progress_is_dockers() {
        let full = "=".repeat(50);
        assert_eq!(bar(8704, 8704), format!("[{full}>]  8.704kB/8.704kB"));
        assert_eq!(bar(32_768, 1_996_800), format!("[>{}]  32.77kB/1.997MB", " ".repeat(50)));
        for (bytes, shown) in [(0, "0B"), (512, "512B"), (1000, "1kB"), (1_500_000, "1.5MB"), (123_456_789, "123.5MB")]
        {
            assert_eq!(size(bytes), shown);
        }
    }
}
