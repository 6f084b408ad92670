//! Proving who asks: what a registry wants (`WWW-Authenticate`), and what it gets.

mod scope;
mod token;

pub(crate) use scope::Scopes;
pub(crate) use token::{Grant, Token, Wish};

use crate::Credentials;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;

/// `Authorization: Basic …`. `None`: these credentials have no password.
pub(crate) fn basic(credentials: &Credentials) -> Option<HeaderValue> {
    let Credentials::Password { username, password } = credentials else { return None };
    secret(&format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
}

/// `Authorization: Bearer …`. `None`: the token is none.
pub(crate) fn bearer(token: &str) -> Option<HeaderValue> {
    secret(&format!("Bearer {token}"))
}

fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
