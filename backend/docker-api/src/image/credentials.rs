//! `X-Registry-Auth`: who somebody is for a registry, sent along with each request that needs it.

use crate::error::{Error, Reply};
use axum::http::HeaderMap;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{Engine as _, alphabet};
use engine::image::Credentials;
use engine::json;
use serde::Deserialize;

/// Some clients leave the padding out, and some take the ordinary alphabet.
const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, ANY_PADDING);
const ORDINARY: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);

/// Docker's `registry.AuthConfig`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuthConfig {
    pub(crate) username: String,
    password: String,
    /// Of old clients: `name:password` in base64.
    auth: String,
    identitytoken: String,
    registrytoken: String,
    pub(crate) serveraddress: String,
}

impl AuthConfig {
    /// `None`: nobody in particular.
    pub(crate) fn credentials(&self) -> Option<Credentials> {
        if !self.registrytoken.is_empty() {
            return Some(Credentials::RegistryToken(self.registrytoken.clone()));
        }
        if !self.identitytoken.is_empty() {
            return Some(Credentials::IdentityToken(self.identitytoken.clone()));
        }
        if !self.username.is_empty() {
            return Some(Credentials::Password { username: self.username.clone(), password: self.password.clone() });
        }
        let auth = String::from_utf8(STANDARD.decode(&self.auth).ok()?).ok()?;
        let (username, password) = auth.split_once(':')?;
        Some(Credentials::Password { username: username.to_owned(), password: password.to_owned() })
    }
}

/// What a request's header says.
pub(super) fn of(headers: &HeaderMap) -> Reply<Option<Credentials>> {
    let Some(header) = headers.get("x-registry-auth").filter(|header| !header.is_empty()) else { return Ok(None) };
    let wrong = || Error::bad("invalid X-Registry-Auth header: it is no JSON in base64url");
    let bytes = URL_SAFE.decode(header).or_else(|_| ORDINARY.decode(header)).map_err(|_| wrong())?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    Ok(json::from_slice::<AuthConfig>(&bytes).map_err(|_| wrong())?.credentials())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn header(text: &str) -> HeaderMap {
        [("x-registry-auth".parse().unwrap(), URL_SAFE.encode(text).parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn who_somebody_is_comes_in_four_ways() {
        let password = |name: &str| Credentials::Password { username: name.into(), password: "p:w".into() };
        for (text, expected) in [
            ("{}", None),
            ("", None),
            (r#"{"username":"ada","password":"p:w","serveraddress":"x"}"#, Some(password("ada"))),
            (r#"{"auth":"YWRhOnA6dw=="}"#, Some(password("ada"))),
            (r#"{"username":"ada","identitytoken":"t"}"#, Some(Credentials::IdentityToken("t".into()))),
            (r#"{"username":null,"password":null,"auth":null}"#, None),
            ("null", None),
            (r#"{"registrytoken":"r"}"#, Some(Credentials::RegistryToken("r".into()))),
        ] {
            assert_eq!(of(&header(text)).unwrap(), expected, "{text}");
        }
        let bare = [("x-registry-auth".parse().unwrap(), "e30".parse().unwrap())].into_iter().collect();
        assert_eq!(of(&bare).unwrap(), None, "without padding");
        assert_eq!(of(&HeaderMap::new()).unwrap(), None);
        let broken = [("x-registry-auth".parse().unwrap(), "%%".parse().unwrap())].into_iter().collect();
        assert!(of(&broken).is_err());
        assert!(of(&header("[")).is_err());
    }
}
