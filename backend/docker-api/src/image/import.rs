//! `POST /images/create?fromSrc=-`: `docker import`

use crate::body;
use crate::error::{Error, Reply};
use crate::query::Params;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use engine::VirtualHost;
use engine::image::Import;
use engine::image::{Platform, Reference};
use serde_json::json;
use std::sync::Arc;

/// Makes an image of the body, which is an archive of files.
pub(super) async fn import(host: &Arc<VirtualHost>, params: &Params, source: &str, body: Body) -> Reply {
    let wanted = match wanted(params, source) {
        Ok(wanted) => wanted,
        Err(error) => {
            body::discard(body).await;
            return Err(error);
        }
    };
    let (reader, upload) = body::reader(body);
    let id = host.import_image(reader.begun().await, wanted).await;
    // A client whose upload breaks off never reads the answer.
    upload.finished().await;
    let line = format!("{}\r\n", json!({ "status": id? }));
    Ok(([(header::CONTENT_TYPE, "application/json")], line).into_response())
}

fn wanted(params: &Params, source: &str) -> Reply<Import> {
    let name = Reference::of(params.text("repo"), params.text("tag"))?;
    if source != "-" {
        return Err(Error::new(
            StatusCode::NOT_IMPLEMENTED,
            format!(
                "importing from {source:.200} is not there in Lernhafen, whose hosts don't fetch files by themselves: fetch it \
                 first, as with curl {source:.200} | docker import -"
            ),
        ));
    }
    let platform = params.text("platform").map(Platform::parse).transpose();
    let platform = platform.map_err(|error| Error::bad(error.to_string()))?;
    let comment = params.text("message").unwrap_or("Imported from -").to_owned();
    let changes = params.all("changes").into_iter().map(str::to_owned).collect();
    let import = Import { name, comment, changes, platform };
    import.check()?;
    Ok(import)
}
