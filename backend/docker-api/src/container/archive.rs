//! `/containers/{id}/archive` and `/containers/{id}/export`: `docker cp`, `docker export`

use crate::body;
use crate::error::{Error, Reply};
use crate::query::{Name, Params};
use crate::time::rfc3339;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::VirtualHost;
use engine::container::{ArchiveReader, PathStat};
use futures_util::stream;
use http_body_util::BodyExt;
use serde::Serialize;
use std::sync::Arc;

const PATH_STAT: HeaderName = HeaderName::from_static("x-docker-container-path-stat");

/// `HEAD`
pub(crate) async fn stat(State(host): State<Arc<VirtualHost>>, Name(name): Name, params: Params) -> Reply {
    let stat = host.stat_path(&name, path(&params)?).await?;
    Ok([(PATH_STAT, path_stat(&stat)?)].into_response())
}

/// `GET`
pub(crate) async fn read(State(host): State<Arc<VirtualHost>>, Name(name): Name, params: Params) -> Reply {
    let (stat, archive) = host.read_path(&name, path(&params)?).await?;
    let mut response = tar("application/x-tar", archive);
    response.headers_mut().insert(PATH_STAT, path_stat(&stat)?);
    Ok(response)
}

/// `PUT`
pub(crate) async fn write(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
    request: Request,
) -> Reply<StatusCode> {
    let mut body = request.into_body();
    let outcome = async {
        let (as_user, no_overwrite) = (params.bool("copyUIDGID"), params.bool("noOverwriteDirNonDir"));
        let mut archive = host.write_path(&name, path(&params)?, as_user, no_overwrite).await?;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| Error::bad(format!("the archive broke off before its end: {error}")))?;
            if let Some(bytes) = frame.data_ref()
                && !archive.write(bytes).await
            {
                break;
            }
        }
        archive.finish().await?;
        Ok(StatusCode::OK)
    };
    let outcome = outcome.await;
    // A client whose upload breaks off never reads the answer.
    body::discard(body).await;
    outcome
}

/// `GET /containers/{id}/export`
pub(crate) async fn export(State(host): State<Arc<VirtualHost>>, Name(name): Name) -> Reply {
    Ok(tar("application/octet-stream", host.export_container(&name).await?))
}

fn path(params: &Params) -> Reply<&str> {
    let path = params.text("path").ok_or_else(|| Error::bad("bad parameter: pathcannot be empty"))?;
    if path.contains('\0') {
        return Err(Error::bad("bad parameter: a path can't contain the character NUL"));
    }
    Ok(path)
}

fn tar(content_type: &'static str, archive: ArchiveReader) -> Response {
    let chunks = stream::try_unfold(archive, async |mut archive| {
        let chunk = archive.chunk().await;
        if let Err(error) = &chunk {
            tracing::warn!(%error, "a container's files could not be copied to the end");
        }
        Ok::<_, std::io::Error>(chunk?.map(|chunk| (chunk, archive)))
    });
    ([(header::CONTENT_TYPE, content_type)], Body::from_stream(chunks)).into_response()
}

/// Go's names and numbers: clients decide by its `FileMode` what they copy.
#[derive(Debug, Serialize)]
struct PathStatHeader<'a> {
    name: &'a str,
    size: u64,
    mode: u32,
    mtime: String,
    #[serde(rename = "linkTarget")]
    link_target: &'a str,
}

fn path_stat(stat: &PathStat) -> Reply<HeaderValue> {
    let shown = PathStatHeader {
        name: &stat.name,
        size: stat.size,
        mode: go_mode(stat.mode),
        mtime: rfc3339(stat.mtime),
        link_target: &stat.link_target,
    };
    let broken = |error: &dyn std::fmt::Display| {
        Error::new(StatusCode::INTERNAL_SERVER_ERROR, format!("a file's description can't be sent: {error}"))
    };
    let json = serde_json::to_vec(&shown).map_err(|error| broken(&error))?;
    HeaderValue::from_str(&STANDARD.encode(json)).map_err(|error| broken(&error))
}

/// Go's `os.FileMode` of what the kernel says.
fn go_mode(mode: u32) -> u32 {
    let kind = match mode & 0o170_000 {
        0o040_000 => 1 << 31,
        0o120_000 => 1 << 27,
        0o060_000 => 1 << 26,
        0o020_000 => 1 << 26 | 1 << 21,
        0o010_000 => 1 << 25,
        0o140_000 => 1 << 24,
        _ => 0,
    };
    let special = [(0o4000, 23), (0o2000, 22), (0o1000, 20)];
    let special = special.iter().filter(|(bit, _)| mode & bit != 0).fold(0, |all, (_, bit)| all | 1 << bit);
    kind | special | mode & 0o777
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a real dockerd tells them.
    #[test]
    fn modes_are_gos() {
        for (mode, go) in [
            (0o040_755, 2_147_484_141),
            (0o104_755, 8_389_101),
            (0o120_777, 134_218_239),
            (0o010_644, 33_554_852),
            (0o041_777, 2_148_532_735),
            (0o100_644, 420),
        ] {
            assert_eq!(go_mode(mode), go, "{mode:o}");
        }
    }
}
