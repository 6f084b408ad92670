//! Errors of the endpoints, as the page reads them.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::session::{Problem, ProblemCode};

/// An error's answer.
#[derive(Debug)]
pub(super) struct ApiError(pub(super) Problem);

impl ApiError {
    pub(super) fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self(Problem { code, message: message.into() })
    }

    pub(super) fn no_session() -> Self {
        Self::new(ProblemCode::NoSession, "there is no such session: join the workshop")
    }

    /// Our fault: what happened is for the log, not for strangers.
    pub(super) fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(ProblemCode::Internal, "the server failed; its log says why")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match self.0.code {
            ProblemCode::BadName | ProblemCode::BadMessage => StatusCode::BAD_REQUEST,
            ProblemCode::NoSession => StatusCode::UNAUTHORIZED,
            ProblemCode::ForeignOrigin | ProblemCode::NotInstructor => StatusCode::FORBIDDEN,
            ProblemCode::NotFound | ProblemCode::NoContainer => StatusCode::NOT_FOUND,
            ProblemCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProblemCode::NotRunnable | ProblemCode::ContainerRefused => StatusCode::CONFLICT,
            ProblemCode::HostFailed | ProblemCode::NoShell => StatusCode::BAD_GATEWAY,
            ProblemCode::Full => StatusCode::SERVICE_UNAVAILABLE,
            ProblemCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(self.0)).into_response()
    }
}
