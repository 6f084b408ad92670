//! `docker login`: whether a registry takes these credentials.

use super::Peer;
use crate::auth::{Grant, Scopes, Wish, basic, bearer};
use crate::challenge::Challenge;
use crate::http::{Payload, Request, Url};
use crate::{Credentials, Error, Result};
use hyper::header::AUTHORIZATION;
use hyper::{Method, StatusCode};

impl Peer {
    /// Shows the credentials. What comes back, if anything, is to be used instead of the password from now on.
    pub(crate) async fn login(&self, credentials: &Credentials) -> Result<Option<String>> {
        let origin = self.origin().await?;
        let challenges = self.auth.lock().await.challenges.clone();
        if challenges.is_empty() {
            // It takes everybody.
            return Ok(None);
        }
        let wrong = |why: &str| Error::Unauthorized(format!("Get \"{origin}/v2/\": {why}"));
        let tokens = challenges.iter().find_map(|challenge| match challenge {
            Challenge::Bearer(bearer) => Some(bearer),
            Challenge::Basic => None,
        });
        let (header, identity_token) = match (credentials, tokens) {
            (Credentials::RegistryToken(token), _) => (bearer(token), None),
            (_, Some(challenge)) => {
                let scopes = Scopes::default();
                let wish = Wish { registry: origin, credentials: Some(credentials), scopes: &scopes, identity: true };
                match Grant::fetch(&self.http, challenge, wish).await {
                    Ok(grant) => (Some(grant.token.header()), grant.identity_token),
                    Err(Error::Unauthorized(why)) => return Err(wrong(&why)),
                    Err(error) => return Err(error),
                }
            }
            (_, None) => (basic(credentials), None),
        };
        let header = header.ok_or_else(|| wrong("no basic auth credentials"))?;
        let url = Url::new(origin.clone(), "/v2/").ok_or_else(|| wrong("no registry"))?;
        let headers = [(AUTHORIZATION, header)].into_iter().collect();
        let response =
            self.http.insist(&Request { method: Method::GET, url, headers, payload: Payload::Empty }).await?;
        match response.status {
            StatusCode::OK => Ok(identity_token),
            StatusCode::TOO_MANY_REQUESTS => Err(super::Refusal::read(response).await.plain()),
            status => Err(Error::Registry {
                status: status.as_u16(),
                code: String::new(),
                message: format!("login attempt to {origin}/v2/ failed with status: {status}"),
            }),
        }
    }
}
