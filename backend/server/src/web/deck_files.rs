//! The deck's pictures.

use super::problem::ApiError;
use axum::extract::{Path as UrlPath, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use protocol::session::ProblemCode;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// Largest picture, in bytes.
const MAX_SIZE: u64 = 20 * 1024 * 1024;

/// The deck's folder.
#[derive(Debug)]
pub(super) struct DeckFiles {
    folder: File,
}

impl DeckFiles {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { folder: File::open(folder)? })
    }

    /// Reads a file beneath the folder: a link that leads out of it is not followed.
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        // Not blocking: to open a pipe would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let file = File::from(openat2(&self.folder, path, flags, Mode::empty(), resolve)?);
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() > MAX_SIZE {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut bytes = Vec::new();
        file.take(MAX_SIZE).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Answers with a picture. Nothing else of the folder is shown: the deck itself has the speaker's notes.
pub(super) async fn show(
    State(files): State<Arc<DeckFiles>>,
    UrlPath(path): UrlPath<String>,
) -> Result<Response, ApiError> {
    let missing = || ApiError::new(ProblemCode::NotFound, "the deck has no such picture");
    let kind = picture_type(&path).ok_or_else(missing)?;
    let read = tokio::task::spawn_blocking(move || files.read(&path)).await.map_err(ApiError::internal)?;
    match read {
        Ok(bytes) => Ok(([(CONTENT_TYPE, kind)], bytes).into_response()),
        Err(_) => Err(missing()),
    }
}

fn picture_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "avif" => "image/avif",
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        _ => return None,
    })
}
