//! `/api`: one file per endpoint.

mod body;
mod cookie;
pub(super) mod deck;
pub(super) mod instructor;
pub(super) mod join;
pub(super) mod leave;
pub(super) mod preflight;
pub(super) mod reset;
pub(super) mod session;
pub(super) mod socket;
pub(super) mod workshop;

use super::problem::ApiError;
use protocol::session::ProblemCode;

/// Everything that isn't there.
pub(super) async fn not_found() -> ApiError {
    ApiError::new(ProblemCode::NotFound, "there is no such address")
}
