//! What a scripted server says.

use registry::{Digest, media_type};

#[derive(Debug, Clone)]
pub(crate) enum Say {
    Bytes(Vec<u8>),
    /// The same again and again, until nobody listens.
    Endlessly(Vec<u8>),
    /// A space now and then, until nobody listens.
    Drip,
    /// Nothing for a moment.
    Pause,
    /// Nothing more, with the connection open.
    Nothing,
    /// The connection ends here.
    HangUp,
}

/// A whole answer.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<Say> {
    let length = body.as_ref().len().to_string();
    let mut bytes = head(status, &[headers, &[("Content-Length", &length)]].concat());
    bytes.extend_from_slice(body.as_ref());
    vec![Say::Bytes(bytes)]
}

/// The head of an answer.
pub(crate) fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status} X\r\n{headers}\r\n").into_bytes()
}

pub(crate) fn ok(body: impl AsRef<[u8]>) -> Vec<Say> {
    answer(200, &[], body)
}

pub(crate) fn not_found() -> Vec<Say> {
    answer(404, &[], r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
}

/// As an honest registry answers with a manifest of OCI.
pub(crate) fn manifest(body: &[u8]) -> Vec<Say> {
    let digest = Digest::of(body);
    let is_index = body.windows(11).any(|it| it == b"\"manifests\"");
    let kind = if is_index { media_type::OCI_INDEX } else { media_type::OCI_MANIFEST };
    answer(200, &[("Content-Type", kind), ("Docker-Content-Digest", digest.as_str())], body)
}
