//! Tokens, which somebody else gives than the registry that wants them (distribution's `token.md` and `oauth.md`).

use crate::connection::Connections;
use crate::credentials::Credentials;
use crate::error::{Error, Kind, Result};
use crate::origin::{Origin, Scheme};
use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of an answer with a token.
const LARGEST: usize = 256 << 10;

/// How long a token is good that doesn't say so, and how much earlier each is renewed.
const DEFAULT_LIFE: u64 = 60;
const MARGIN: u64 = 10;

/// A value of the `Authorization` header.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) until: Option<Instant>,
}

impl Token {
    pub(crate) fn lasting(value: String) -> Self {
        Self { value, until: None }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    token: String,
    access_token: String,
    expires_in: Option<u64>,
}

/// Asks for a token.
pub(crate) async fn fetch(
    connections: &Arc<Connections>,
    registry: &Origin,
    realm: &str,
    service: Option<&str>,
    scope: &str,
    credentials: Option<&Credentials>,
) -> Result<Token> {
    let (origin, path) = Origin::parse(realm)?;
    if credentials.is_some() && origin.scheme == Scheme::Http && registry.scheme == Scheme::Https {
        return Err(Error::new(
            Kind::Broken,
            format!(
                "{registry}: the registry wants a password to be sent to {origin}, which is not encrypted: refused"
            ),
        ));
    }
    let mut headers = HeaderMap::new();
    let answer = if let Some(Credentials::IdentityToken(token)) = credentials {
        let mut form = "grant_type=refresh_token&client_id=lernhafen".to_owned();
        for (name, value) in [("service", service.unwrap_or_default()), ("scope", scope), ("refresh_token", token)] {
            let _ = write!(form, "&{name}={}", percent(value));
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        connections.send(&Method::POST, &origin, &path, &headers, Some(form.into())).await?
    } else {
        let mut path = path;
        for (name, value) in [("service", service.unwrap_or_default()), ("scope", scope)] {
            if !value.is_empty() {
                let separator = if path.contains('?') { '&' } else { '?' };
                let _ = write!(path, "{separator}{name}={}", percent(value));
            }
        }
        if let Some(basic) = credentials.and_then(Credentials::basic) {
            let mut value = HeaderValue::from_str(&basic)
                .map_err(|_| Error::new(Kind::Unauthorized, "name and password can't be sent"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        connections.send(&Method::GET, &origin, &path, &headers, None).await?
    };
    let status = answer.status;
    if status == 401 || status == 403 {
        return Err(Error::new(Kind::Unauthorized, "unauthorized: incorrect username or password"));
    }
    let body = answer.bytes(LARGEST).await?;
    if !status.is_success() {
        return Err(Error::of_answer(&format!("a token of {origin}"), status.as_u16(), &body));
    }
    let given: Given = serde_json::from_slice(&body)
        .map_err(|_| Error::new(Kind::Broken, format!("{origin}: what came is no token")))?;
    let token = if given.token.is_empty() { given.access_token } else { given.token };
    if token.is_empty() {
        return Err(Error::new(Kind::Broken, format!("{origin}: what came is no token")));
    }
    let life = given.expires_in.unwrap_or(DEFAULT_LIFE).clamp(MARGIN, 24 * 3600) - MARGIN;
    Ok(Token { value: format!("Bearer {token}"), until: Instant::now().checked_add(Duration::from_secs(life)) })
}

/// For a query or a form.
pub(crate) fn percent(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
