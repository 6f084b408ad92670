//! The cookies that a session and the instructor are known by.

use super::ApiError;
use crate::instructor::Instructor;
use crate::session::{Session, Token};
use crate::workshop::Workshop;
use axum::http::header::{COOKIE, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use protocol::session::ProblemCode;
use std::time::Duration;

const SESSION: &str = "lernhafen";

/// Apart from the session's: an instructor may take part as well.
const INSTRUCTOR: &str = "lernhafen-instructor";

/// As long as browsers keep one: it is the server that decides when a session is over.
const LIFETIME: Duration = Duration::from_secs(400 * 24 * 3600);

/// The session of the request that has these headers.
pub(super) async fn session(workshop: &Workshop, headers: &HeaderMap) -> Result<Session, ApiError> {
    let token = token(SESSION, headers).ok_or_else(ApiError::no_session)?;
    let session = workshop.sessions.find(token).await.map_err(ApiError::internal)?;
    session.ok_or_else(ApiError::no_session)
}

/// Lets nobody pass but the instructor.
pub(super) fn check_instructor(instructor: &Instructor, headers: &HeaderMap) -> Result<(), ApiError> {
    let is_known = token(INSTRUCTOR, headers).is_some_and(|token| instructor.key.is(&token));
    if is_known { Ok(()) } else { Err(not_instructor()) }
}

pub(super) fn not_instructor() -> ApiError {
    let message = "this is for the instructor: open the link that the server showed at its start";
    ApiError::new(ProblemCode::NotInstructor, message)
}

/// Sets the cookie of a session, on the answer to the request that has these headers.
pub(super) fn set(token: &Token, headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    cookie(SESSION, &token.reveal(), LIFETIME, headers)
}

/// Sets the instructor's cookie.
pub(super) fn set_instructor(token: &Token, headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    cookie(INSTRUCTOR, &token.reveal(), LIFETIME, headers)
}

/// Takes a session's cookie away.
pub(super) fn clear(headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    cookie(SESSION, "", Duration::ZERO, headers)
}

fn cookie(name: &str, value: &str, time: Duration, headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    let encrypted = headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    let secure = if encrypted { "; Secure" } else { "" };
    let seconds = time.as_secs();
    let cookie = format!("{name}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}");
    HeaderValue::try_from(cookie).map_err(ApiError::internal)
}

fn token(name: &str, headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|&(found, _)| found == name).and_then(|(_, value)| Token::parse(value))
}
