//! Tokens: from the server that a registry names, for as long as they last.

use super::{Scopes, basic, bearer};
use crate::challenge::Bearer;
use crate::http::{Http, Origin, Payload, Request, Response, Scheme, Url, escape};
use crate::refusal::Refusal;
use crate::{Credentials, Error, Result, json, text};
use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use std::fmt;
use std::time::{Duration, Instant};

/// A token is some kilobytes at most.
const LARGEST_GRANT: usize = 128 << 10;

/// What one gets who says nothing of it.
const USUAL_LIFE: Duration = Duration::from_secs(60);

/// Whatever a server promises, a token is not used for longer.
const LONGEST_LIFE: Duration = Duration::from_secs(3600);

/// What a token is wanted for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// Of the registry that sent us for it.
    pub(crate) registry: &'a Origin,
    pub(crate) credentials: Option<&'a Credentials>,
    pub(crate) scopes: &'a Scopes,
    /// At a login: a token to come back with, instead of the password.
    pub(crate) identity: bool,
}

/// What the server of tokens gave.
pub(crate) struct Grant {
    pub(crate) token: Token,
    pub(crate) identity_token: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Token {
    header: HeaderValue,
    expires: Instant,
}

#[derive(Deserialize)]
struct Body {
    token: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<f64>,
}

impl Token {
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(crate) fn is_valid_at(&self, now: Instant) -> bool {
        now < self.expires
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl Grant {
    /// Asks for a token.
    pub(crate) async fn fetch(http: &Http, challenge: &Bearer, wish: Wish<'_>) -> Result<Self> {
        let wrong = |why: &str| {
            let realm = text::shown(&challenge.realm);
            Error::NotARegistry(format!("{} wants tokens from {realm}, {why}", wish.registry.authority()))
        };
        let realm = Url::parse(&challenge.realm).ok_or_else(|| wrong("which is no address of the web"))?;
        if realm.origin.scheme == Scheme::Http && wish.registry.scheme == Scheme::Https {
            return Err(wrong("where passwords would be read on their way: it is not HTTPS"));
        }
        let request = match wish.credentials {
            Some(Credentials::IdentityToken(token)) => refreshing(realm, challenge, wish, token),
            _ => getting(realm, challenge, wish).ok_or_else(|| wrong("with what can't be sent to it"))?,
        };
        let response = http.insist(&request).await?;
        if !response.status.is_success() {
            return Err(refused(response).await);
        }
        let not_json = response.not_a_registry("no token came");
        let body: Body = json::from_slice(&response.bytes(LARGEST_GRANT).await?).map_err(|_| not_json)?;
        Self::of(body, Instant::now()).ok_or_else(|| wrong("and got none"))
    }

    fn of(body: Body, now: Instant) -> Option<Self> {
        let is_given = |token: &String| !token.is_empty();
        let token = body.token.filter(is_given).or(body.access_token.filter(is_given))?;
        let promised = body.expires_in.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        // As Docker does: servers that say less than a minute mean to say nothing.
        let life = promised.unwrap_or(USUAL_LIFE).clamp(USUAL_LIFE, LONGEST_LIFE);
        // Not used in its last tenth: the way to the registry takes time, and clocks differ.
        let expires = now + life.mul_f64(0.9);
        Some(Self {
            token: Token { header: bearer(&token)?, expires },
            identity_token: body.refresh_token.filter(is_given),
        })
    }
}

/// With a password, or as nobody.
fn getting<'a>(realm: Url, challenge: &Bearer, wish: Wish<'_>) -> Option<Request<'a>> {
    let mut url = realm;
    if let Some(service) = &challenge.service {
        url = url.with_field("service", service)?;
    }
    for scope in wish.scopes.iter() {
        url = url.with_field("scope", scope)?;
    }
    let mut headers = HeaderMap::new();
    if let Some(Credentials::Password { username, .. }) = wish.credentials {
        url = url.with_field("account", username)?;
        headers.extend(wish.credentials.and_then(basic).map(|basic| (AUTHORIZATION, basic)));
    }
    if wish.identity {
        url = url.with_field("client_id", "docker")?.with_field("offline_token", "true")?;
    }
    Some(Request { method: Method::GET, url, headers, payload: Payload::Empty })
}

/// OAuth 2, with what an earlier login gave.
fn refreshing<'a>(url: Url, challenge: &Bearer, wish: Wish<'_>, token: &str) -> Request<'a> {
    let service = challenge.service.as_deref().unwrap_or_default();
    let scope = wish.scopes.to_string();
    let fields = [
        ("grant_type", "refresh_token"),
        ("service", service),
        ("client_id", "docker"),
        ("scope", &scope),
        ("refresh_token", token),
    ];
    let form = fields.map(|(name, value)| format!("{name}={}", escape(value))).join("&");
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))].into_iter().collect();
    Request { method: Method::POST, url, headers, payload: Payload::Bytes(form.into()) }
}

async fn refused(response: Response) -> Error {
    let refusal = Refusal::read(response).await;
    match refusal.status {
        400 | 401 => {
            let message = refusal.message().unwrap_or("incorrect username or password");
            Error::Unauthorized(format!("unauthorized: {message}"))
        }
        _ => refusal.plain(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn grant(json: &str, now: Instant) -> Option<Grant> {
        Grant::of(serde_json::from_str(json).unwrap(), now)
    }

    #[test]
    fn tokens_last_as_long_as_is_said_within_reason() {
        let now = Instant::now();
        for (json, seconds) in [
            (r#"{"token":"a"}"#, 54),
            (r#"{"token":"a","expires_in":300}"#, 270),
            (r#"{"access_token":"a","expires_in":1}"#, 54),
            (r#"{"token":"","access_token":"a","expires_in":-1}"#, 54),
            (r#"{"token":"a","expires_in":1e300}"#, 54),
            (r#"{"token":"a","expires_in":1e9}"#, 3240),
        ] {
            let token = grant(json, now).unwrap().token;
            assert!(token.is_valid_at(now + Duration::from_millis(seconds * 1000 - 1)), "{json}");
            assert!(!token.is_valid_at(now + Duration::from_millis(seconds * 1000 + 1)), "{json}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for json in ["{}", r#"{"token":""}"#, r#"{"token":"a\nb"}"#, r#"{"token":null,"refresh_token":"a"}"#] {
            assert!(grant(json, Instant::now()).is_none(), "{json}");
        }
    }

    #[test]
    fn tokens_are_not_shown() {
        let grant = grant(r#"{"token":"s3cret"}"#, Instant::now()).unwrap();
        assert!(!format!("{:?} {:?}", grant.token, grant.token.header()).contains("s3cret"));
    }
}
