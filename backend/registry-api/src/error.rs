//! Errors in the specification's shape: `{"errors": [{"code": "…", "message": "…", "detail": …}]}`.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::repository::Fault;
use serde_json::{Value, json};

/// What a handler answers.
pub(crate) type Reply<T = Response> = Result<T, Error>;

/// A failed request.
#[derive(Debug)]
pub(crate) struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// One error for each, or one without.
    details: Vec<Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Error {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new(), headers: Vec::new() }
    }

    /// 400: the request makes no sense for this endpoint.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "UNSUPPORTED", message)
    }

    /// What arrived of an upload can't be used as it is. 416 tells the client how to go on, others that it can't.
    pub(crate) fn upload(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, "BLOB_UPLOAD_INVALID", message)
    }

    pub(crate) fn size(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "SIZE_INVALID", message)
    }

    pub(crate) fn manifest_unknown(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", message)
    }

    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// A value that is no header is left out.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let (status, code) = match &fault {
            Fault::NameUnknown(_) => (StatusCode::NOT_FOUND, "NAME_UNKNOWN"),
            Fault::NameInvalid(_) => (StatusCode::BAD_REQUEST, "NAME_INVALID"),
            Fault::TagInvalid(_) => (StatusCode::BAD_REQUEST, "TAG_INVALID"),
            Fault::BlobUnknown(_) => (StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
            Fault::ManifestUnknown(_) => (StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
            Fault::ManifestBlobUnknown(_) => (StatusCode::NOT_FOUND, "MANIFEST_BLOB_UNKNOWN"),
            Fault::ManifestInvalid(_) => (StatusCode::BAD_REQUEST, "MANIFEST_INVALID"),
            Fault::ManifestTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "MANIFEST_INVALID"),
            Fault::DigestMalformed(_) | Fault::DigestWrong { .. } => (StatusCode::BAD_REQUEST, "DIGEST_INVALID"),
            Fault::UploadUnknown(_) => (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
            Fault::OutOfOrder { .. } => (StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID"),
            Fault::UploadBusy => (StatusCode::CONFLICT, "BLOB_UPLOAD_INVALID"),
            Fault::SizeWrong(_) => (StatusCode::BAD_REQUEST, "SIZE_INVALID"),
            Fault::Denied(_) => (StatusCode::FORBIDDEN, "DENIED"),
            Fault::InUse(_) => (StatusCode::CONFLICT, "DENIED"),
            Fault::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS"),
            Fault::Broken(error) => {
                tracing::error!(%error, "a request to the registry failed");
                let message = "the registry failed at this request: see its log";
                return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", message);
            }
        };
        let mut error = Self::new(status, code, fault.to_string());
        match fault {
            Fault::ManifestBlobUnknown(digests) => {
                error.details = digests.into_iter().map(|digest| json!({ "digest": digest })).collect();
            }
            Fault::BlobUnknown(digest) | Fault::DigestMalformed(digest) => {
                error.details = vec![json!({ "digest": digest })];
            }
            Fault::DigestWrong { expected, actual } => {
                error.details = vec![json!({ "digest": expected, "actual": actual })];
            }
            _ => {}
        }
        error
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let Self { status, code, message, details, headers } = self;
        let errors: Vec<Value> = match details.is_empty() {
            true => vec![json!({ "code": code, "message": message })],
            false => {
                details.iter().map(|detail| json!({ "code": code, "message": message, "detail": detail })).collect()
            }
        };
        // An end of line, as Docker's registry writes one.
        let body = format!("{}\n", json!({ "errors": errors }));
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        response.headers_mut().extend(headers);
        response
    }
}
