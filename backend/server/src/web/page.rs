//! The built page: its files, and the one document that every address without a file shows.

use anyhow::Context;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use tower::service_fn;
use tower_http::services::ServeDir;

/// The built page, as xtask and trunk leave it.
#[derive(Debug)]
pub struct Site {
    folder: PathBuf,
    /// Kept as it was at the start: the policy's hashes are of this one.
    index: String,
    import_map_hashes: Vec<String>,
}

impl Site {
    /// Opens the page in `folder`.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("index.html");
        let index = std::fs::read_to_string(&path)
            .with_context(|| format!("{} can't be read: build the page with `cargo xtask build`", path.display()))?;
        let import_map_hashes = inline_scripts(&index).map(hash).collect();
        Ok(Self { folder: folder.to_owned(), index, import_map_hashes })
    }

    /// `sha256-…` of each script that stands in the document itself.
    pub(super) fn import_map_hashes(&self) -> &[String] {
        &self.import_map_hashes
    }

    /// Files by their path, the document for everything else.
    pub(super) fn service(
        self,
    ) -> ServeDir<impl tower::Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone> {
        let document = service_fn(move |request: Request| {
            let response = document(&self.index, request.uri().path());
            async move { Ok(response) }
        });
        ServeDir::new(&self.folder).append_index_html_on_directories(false).fallback(document)
    }
}

/// Lets browsers keep for ever what has its hash in its name, and ask again for the rest.
pub(super) async fn set_caching(request: Request, next: Next) -> Response {
    let hashed = has_hash(request.uri().path());
    let mut response = next.run(request).await;
    if !response.headers().contains_key(CACHE_CONTROL) {
        let value =
            if hashed && response.status().is_success() { "public, max-age=31536000, immutable" } else { "no-cache" };
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}

fn document(index: &str, path: &str) -> Response {
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.contains('.') {
        let missing =
            (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "text/plain; charset=utf-8")], "There is no such file.\n");
        return missing.into_response();
    }
    Html(Body::from(index.to_owned())).into_response()
}

/// `/assets/0123456789abcdef/start.js` as xtask names files; `name-0123456789abcdef_bg.wasm` as trunk does.
fn has_hash(path: &str) -> bool {
    if path.starts_with("/assets/") {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split(['.', '_']).next().unwrap_or_default();
    stem.len() < name.len()
        && stem
            .rsplit_once('-')
            .is_some_and(|(_, hash)| hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The texts of script elements without `src`.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script")?;
        (!attributes.contains("src=")).then_some(text)
    })
}

fn hash(script: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(script)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_in_the_document_are_hashed() {
        let html = r#"<script type="importmap">{"imports":{}}</script><script type="module" src="a.js"></script>"#;
        let hashes: Vec<String> = inline_scripts(html).map(hash).collect();
        assert_eq!(hashes, ["sha256-URrTy+Il/Nz0lHojVUx275hWqAWhkSF0VsHbUM4/6Hw="]);
    }

    #[test]
    fn names_with_a_hash_never_change() {
        for path in [
            "/assets/0123456789abcdef/start.js",
            "/page-0123456789abcdef.js",
            "/page-0123456789abcdef_bg.wasm",
            "/vendor/xterm-89abcdef.css",
        ] {
            assert!(has_hash(path), "{path}");
        }
        for path in ["/", "/index.html", "/vendor/xterm.mjs", "/addon-webgl.mjs", "/page-0123456789abcdef"] {
            assert!(!has_hash(path), "{path}");
        }
    }

    #[test]
    fn addresses_without_a_file_show_the_document() {
        assert_eq!(document("x", "/").status(), StatusCode::OK);
        assert_eq!(document("x", "/a.b/folien").status(), StatusCode::OK);
        assert_eq!(document("x", "/fehlt.js").status(), StatusCode::NOT_FOUND);
    }
}
