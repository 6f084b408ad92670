//! The cookie that a session is known by.

use super::ApiError;
use crate::session::{Session, Token};
use crate::workshop::Workshop;
use axum::http::header::{COOKIE, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use std::time::Duration;

const NAME: &str = "lernhafen";

/// As long as browsers keep one: it is the server that decides when a session is over.
const LIFETIME: Duration = Duration::from_secs(400 * 24 * 3600);

/// The session of the request that has these headers.
pub(super) async fn session(workshop: &Workshop, headers: &HeaderMap) -> Result<Session, ApiError> {
    let token = token(headers).ok_or_else(ApiError::no_session)?;
    let session = workshop.sessions.find(token).await.map_err(ApiError::internal)?;
    session.ok_or_else(ApiError::no_session)
}

/// Sets the cookie, on the answer to the request that has these headers.
pub(super) fn set(token: &Token, headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    cookie(&token.reveal(), LIFETIME, headers)
}

/// Takes the cookie away.
pub(super) fn clear(headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    cookie("", Duration::ZERO, headers)
}

fn cookie(value: &str, time: Duration, headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    let encrypted = headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    let secure = if encrypted { "; Secure" } else { "" };
    let seconds = time.as_secs();
    let cookie = format!("{NAME}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}");
    HeaderValue::try_from(cookie).map_err(ApiError::internal)
}

fn token(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|&(name, _)| name == NAME).and_then(|(_, value)| Token::parse(value))
}
