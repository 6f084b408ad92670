//! `/api`: one file per endpoint.

mod body;
mod cookie;
mod deck;
mod endpoint;
mod instructor;
mod join;
mod leave;
mod preflight;
mod reset;
mod session;
mod socket;
mod workshop;

use super::problem::ApiError;
use crate::roles::Role::{Anybody, Instructor, Participant};
use endpoint::Endpoint;
use protocol::session::ProblemCode;

/// All of them, with who may ask: one that isn't here isn't there.
pub(super) fn endpoints() -> [Endpoint; 10] {
    [
        Endpoint::get(Anybody, "/workshop", workshop::show),
        Endpoint::get(Anybody, "/deck", deck::show),
        Endpoint::post(Anybody, "/session", join::join),
        Endpoint::get(Participant, "/session", session::show),
        Endpoint::delete(Participant, "/session", leave::leave),
        Endpoint::post(Participant, "/session/reset", reset::reset),
        Endpoint::get(Participant, "/socket", socket::open),
        Endpoint::post(Anybody, "/instructor", instructor::identify),
        Endpoint::get(Instructor, "/instructor/preflight", preflight::show),
        Endpoint::post(Instructor, "/instructor/preflight", preflight::begin),
    ]
}

/// Everything that isn't there.
pub(super) async fn not_found() -> ApiError {
    ApiError::new(ProblemCode::NotFound, "there is no such address")
}
