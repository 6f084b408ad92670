//! Errors as Docker's clients understand them: a status, and `{"message": "…"}`.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::ErrorKind;
use serde::Serialize;

/// What a handler answers.
pub(crate) type Reply<T = Response> = Result<T, Error>;

/// A failed request.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
}

/// Travels with the response, so that whoever logs it need not read the body.
#[derive(Debug, Clone)]
pub(crate) struct Failure(pub(crate) String);

impl Error {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// 400
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The message alone, and no JSON, for clients that don't look for it there; the connection ends with it.
    pub(crate) fn in_plain_text(self, content_type: &'static str, line_end: &str) -> Response {
        let headers = [(header::CONTENT_TYPE, content_type), (header::CONNECTION, "close")];
        let mut response = (self.status, headers, self.message.clone() + line_end).into_response();
        response.extensions_mut().insert(Failure(self.message));
        response
    }

    /// 501: `what` of Docker is not there yet, a command or an option as its user knows it.
    pub(crate) fn not_yet(what: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, format!("{what} is not there yet in Lernhafen"))
    }
}

impl From<engine::Error> for Error {
    fn from(error: engine::Error) -> Self {
        let status = match error.kind {
            ErrorKind::InvalidParameter => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::NotModified => StatusCode::NOT_MODIFIED,
            ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::System => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.message)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    message: &'a str,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if self.status == StatusCode::NOT_MODIFIED {
            return self.status.into_response();
        }
        // The CLI compares this header as a string: with a charset it would print the raw body.
        let mut response =
            (self.status, [(header::CONTENT_TYPE, "application/json")], axum::Json(Body { message: &self.message }))
                .into_response();
        response.extensions_mut().insert(Failure(self.message));
        response
    }
}
