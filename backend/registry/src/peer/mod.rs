//! One registry as one user's request speaks to it: the one that was named, or a mirror of it.

mod host;
mod login;

pub(crate) use host::{Host, canonical};

use crate::auth::{Grant, Scopes, Token, Wish, basic, bearer};
use crate::challenge::Challenge;
use crate::http::{Http, Origin, Patience, Payload, Request, Response, Url};
use crate::refusal::Refusal;
use crate::{Credentials, Error, Result};
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::sync::{Mutex, OnceCell};

#[derive(Debug)]
pub(crate) struct Peer {
    host: Host,
    credentials: Option<Credentials>,
    http: Http,
    /// Where it answered.
    origin: OnceCell<Origin>,
    auth: Mutex<Auth>,
    is_lost: AtomicBool,
}

/// What it wants to be shown, and what there is to show. Locked while a token is fetched: ten downloads that begin
/// together want the same one.
#[derive(Debug, Default)]
struct Auth {
    challenges: Vec<Challenge>,
    tokens: BTreeMap<Scopes, Token>,
}

/// Something to ask a registry.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) to: To<'a>,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload<'a>,
    pub(crate) scopes: &'a Scopes,
}

#[derive(Debug, Clone)]
pub(crate) enum To<'a> {
    /// Path and query on the registry itself.
    Path(&'a str),
    /// Where it sent us. Only its own origin is shown credentials.
    Url(&'a Url),
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: Method, path: &'a str, scopes: &'a Scopes) -> Self {
        Self { method, to: To::Path(path), headers: HeaderMap::new(), payload: Payload::Empty, scopes }
    }
}

impl Peer {
    pub(crate) fn new(host: Host, credentials: Option<Credentials>, http: Http) -> Self {
        let (origin, auth) = (OnceCell::new(), Mutex::default());
        Self { host, credentials, http, origin, auth, is_lost: AtomicBool::new(false) }
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn patience(&self) -> Patience {
        self.http.patience()
    }

    /// Whether it did not even greet: for a mirror, reason enough not to try again.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    /// Asks, and again if it fails in passing. The answer may still be a refusal.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Response> {
        let mut patience = self.patience();
        loop {
            let outcome = self.send_once(call).await;
            let Some(wait) = patience.after(&outcome) else { return outcome };
            if let Ok(response) = outcome {
                response.discard().await;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Asks, and shows who asks as it is wanted.
    pub(crate) async fn send_once(&self, call: &Call<'_>) -> Result<Response> {
        let origin = self.origin().await?;
        let url = match call.to {
            To::Path(path) => Url::new(origin.clone(), path)
                .ok_or_else(|| Error::Invalid(format!("this can't be asked of a registry: {path}")))?,
            To::Url(url) => url.clone(),
        };
        let is_ours = url.origin == *origin;
        let mut named = None;
        for is_last in [false, true] {
            let mut headers = call.headers.clone();
            let shown = if is_ours { self.authorization(origin, call.scopes, named.take()).await? } else { None };
            headers.extend(shown.clone().map(|value| (AUTHORIZATION, value)));
            let request =
                Request { method: call.method.clone(), url: url.clone(), headers, payload: call.payload.clone() };
            let response = self.http.send(request).await?;
            let is_refused = response.status == StatusCode::UNAUTHORIZED && response.url.origin == *origin;
            if is_last || !is_refused || !self.learn(&response, call.scopes, shown.as_ref(), &mut named).await {
                return Ok(response);
            }
            response.discard().await;
        }
        Err(Error::Unauthorized("unauthorized: authentication required".to_owned()))
    }

    /// Where it answers; asked once. Docker asks the same, so that the errors of unreachable registries are the same.
    pub(crate) async fn origin(&self) -> Result<&Origin> {
        let found = self.origin.get_or_try_init(|| self.find()).await;
        if found.is_err() {
            self.is_lost.store(true, Ordering::Relaxed);
        }
        found
    }

    /// What it is to be shown for these scopes, as far as is known. `named`: further scopes that it named.
    async fn authorization(
        &self,
        origin: &Origin,
        scopes: &Scopes,
        named: Option<String>,
    ) -> Result<Option<HeaderValue>> {
        if let Some(Credentials::RegistryToken(token)) = &self.credentials {
            return Ok(bearer(token));
        }
        let mut auth = self.auth.lock().await;
        let Some(challenge) = auth.bearer().cloned() else {
            let wants_password = auth.challenges.contains(&Challenge::Basic);
            return Ok(self.credentials.as_ref().filter(|_| wants_password).and_then(basic));
        };
        if let Some(token) = auth.tokens.get(scopes).filter(|token| token.is_valid_at(Instant::now())) {
            return Ok(Some(token.header()));
        }
        let wanted = named.map_or_else(|| scopes.clone(), |named| scopes.with_named(&named));
        let wish = Wish { registry: origin, credentials: self.credentials.as_ref(), scopes: &wanted, identity: false };
        let token = Grant::fetch(&self.http, &challenge, wish).await?.token;
        let header = token.header();
        auth.tokens.insert(scopes.clone(), token);
        Ok(Some(header))
    }

    /// After a refusal: whether there is something better to show.
    async fn learn(
        &self,
        refusal: &Response,
        scopes: &Scopes,
        shown: Option<&HeaderValue>,
        named: &mut Option<String>,
    ) -> bool {
        let challenges = Challenge::of(&refusal.headers);
        if challenges.is_empty() || matches!(self.credentials, Some(Credentials::RegistryToken(_))) {
            return false;
        }
        let mut auth = self.auth.lock().await;
        auth.challenges = challenges;
        match auth.bearer().cloned() {
            Some(challenge) => {
                // Not if another request has replaced it in the meantime.
                if auth.tokens.get(scopes).is_some_and(|token| Some(&token.header()) == shown) {
                    auth.tokens.remove(scopes);
                }
                *named = challenge.scope;
                true
            }
            None => {
                let password = self.credentials.as_ref().and_then(basic);
                password.is_some() && password.as_ref() != shown
            }
        }
    }

    /// Tries the ways in which it may be spoken to.
    async fn find(&self) -> Result<Origin> {
        let (last, others) = self.host.origins.split_last().ok_or_else(|| Error::Invalid("no registry".to_owned()))?;
        for origin in others {
            match self.ping(origin).await {
                Err(Error::Unreachable { cause, .. }) => {
                    tracing::debug!(%origin, %cause, "the registry is not there; trying another way");
                }
                answer => return answer.map(|()| origin.clone()),
            }
        }
        self.ping(last).await.map(|()| last.clone())
    }

    /// Whether a registry answers, and what it wants to be shown.
    async fn ping(&self, origin: &Origin) -> Result<()> {
        let url = Url::new(origin.clone(), "/v2/").ok_or_else(|| Error::Invalid(format!("no registry: {origin}")))?;
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), payload: Payload::Empty };
        let response = self.http.insist(&request).await?;
        match response.status {
            StatusCode::UNAUTHORIZED => {
                // One that redirects its users elsewhere can't ask for passwords there.
                if response.url.origin == *origin {
                    self.auth.lock().await.challenges = Challenge::of(&response.headers);
                }
            }
            status if status.is_success() && !response.is_page() => {}
            status if status.is_success() || status == StatusCode::NOT_FOUND => {
                return Err(response.not_a_registry(&format!("there is no /v2/ ({status})")));
            }
            _ => return Err(Refusal::read(response).await.plain()),
        }
        response.discard().await;
        Ok(())
    }
}

impl Auth {
    fn bearer(&self) -> Option<&crate::challenge::Bearer> {
        self.challenges.iter().find_map(|challenge| match challenge {
            Challenge::Bearer(bearer) => Some(bearer),
            Challenge::Basic => None,
        })
    }
}
