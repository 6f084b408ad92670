//! Who may do what.

use crate::error::{Error, Reply};
use crate::path::Endpoint;
use axum::http::{HeaderMap, Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Repositories that learners can only read: an instructor put there what everybody is to find as it is.
const INSTRUCTORS: &str = "library/";

/// Who comes this way.
#[derive(Debug, Clone)]
pub enum Gate {
    /// Learners: everything, but in `library/` they only read.
    Learners,
    /// Everybody who can come this way may do everything.
    Open,
    /// Who knows the password may do everything, and others nothing.
    Password(Password),
}

/// A password, of which only a digest is kept. The user's name doesn't matter.
#[derive(Debug, Clone)]
pub struct Password([u8; 32]);

impl Password {
    pub fn new(password: &str) -> Self {
        Self(Sha256::digest(password.as_bytes()).into())
    }

    /// Of digests, so that how long it takes tells nothing of the password.
    fn is(&self, given: &str) -> bool {
        Self::new(given).0 == self.0
    }
}

impl Gate {
    /// Lets a request pass, or says why not.
    pub(crate) fn check(&self, endpoint: &Endpoint, method: &Method, headers: &HeaderMap) -> Reply<()> {
        match self {
            Self::Open => Ok(()),
            Self::Learners => {
                let is_read = matches!(*method, Method::GET | Method::HEAD);
                match endpoint.repository() {
                    Some(repository) if !is_read && repository.starts_with(INSTRUCTORS) => Err(denied(repository)),
                    _ => Ok(()),
                }
            }
            Self::Password(password) if given(headers).is_some_and(|given| password.is(&given)) => Ok(()),
            Self::Password(_) => Err(unauthorized()),
        }
    }
}

fn given(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    Some(decoded.split_once(':')?.1.to_owned())
}

fn denied(repository: &str) -> Error {
    let message = format!(
        "requested access to the resource is denied: {repository} belongs to who runs this workshop. Choose another name, like yours/app"
    );
    Error::new(StatusCode::FORBIDDEN, "DENIED", message)
}

fn unauthorized() -> Error {
    Error::new(
        StatusCode::UNAUTHORIZED,
        "UNAUTHORIZED",
        "authentication required: docker login with the registry's password",
    )
    .header(header::WWW_AUTHENTICATE, "Basic realm=\"Lernhafen\", charset=\"UTF-8\"")
}
