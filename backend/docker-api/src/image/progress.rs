//! The lines of a pull or push: JSON objects, one after the other, as they come.

use crate::error::Reply;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::image::{Progress, ProgressStream};
use futures_util::stream;
use serde_json::{Value, json};

/// Answers with the lines. An error that comes before the first of them is the answer itself; a later one is a line.
pub(super) async fn answer(mut lines: ProgressStream) -> Reply<Response> {
    let first = match lines.next().await {
        Some(Err(error)) => return Err(error.into()),
        Some(Ok(first)) => Some(line(&first)),
        None => None,
    };
    let rest = stream::unfold(lines, async |mut lines| {
        let next = match lines.next().await? {
            Ok(progress) => line(&progress),
            Err(error) => {
                tracing::warn!(error = error.message, "a pull or push broke off");
                failed(&error)
            }
        };
        Some((next, lines))
    });
    let lines = futures_util::StreamExt::chain(stream::iter(first), rest);
    let lines = futures_util::StreamExt::map(lines, Ok::<_, std::io::Error>);
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(lines)).into_response())
}

/// Docker ends each with both characters.
fn line(progress: &Progress) -> String {
    let value = match progress {
        Progress::Message(status) => json!({ "status": status }),
        Progress::Of { id, status } => json!({ "status": status, "id": id }),
        Progress::Layer { id, status, done: None } => json!({ "status": status, "progressDetail": {}, "id": id }),
        Progress::Layer { id, status, done: Some((current, total)) } => json!({
            "status": status,
            "progressDetail": { "current": current, "total": total },
            "progress": bar(*current, *total),
            "id": id,
        }),
        Progress::Pushed { tag, digest, size } => {
            json!({ "progressDetail": {}, "aux": { "Tag": tag, "Digest": digest, "Size": size } })
        }
    };
    text(&value)
}

fn failed(error: &engine::Error) -> String {
    text(&json!({ "errorDetail": { "message": error.message }, "error": error.message }))
}

fn text(value: &Value) -> String {
    format!("{value}\r\n")
}

/// What clients show that draw none themselves: fifty signs, and the sizes.
pub(super) fn bar(current: u64, total: u64) -> String {
    let filled = current.saturating_mul(50).checked_div(total).unwrap_or(0).min(50) as usize;
    let head = if filled < 50 { ">" } else { "" };
    let rest = " ".repeat(50 - filled.max(head.len()).min(50));
    format!("[{}{head}{}]  {}/{}", "=".repeat(filled), rest, size(current), size(total))
}

/// Four digits and a unit, as Go's `units.HumanSize` has them.
fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        if value < 1000.0 || unit == "TB" {
            let digits = if value >= 1000.0 { 0 } else { 3usize.saturating_sub(value.log10().max(0.0) as usize) };
            let text = format!("{value:.digits$}");
            let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
            return format!("{text}{unit}");
        }
        value /= 1000.0;
    }
    String::new()
}
