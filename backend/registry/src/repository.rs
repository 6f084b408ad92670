//! A repository of a registry: requests, who asks, and trying again.

use crate::challenge::Challenge;
use crate::client::Timeouts;
use crate::connection::{Answer, Connections, RequestBody};
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind, Result};
use crate::origin::{Origin, Scheme};
use crate::token::{self, Token};
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Times that something is tried again that may go better then.
const RETRIES: u32 = 4;

/// Longest time that a registry can have us wait before we try again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

const MOST_REDIRECTS: usize = 5;

/// Bytes of an error's body that are read.
const LARGEST_ERROR: usize = 64 << 10;

/// What is asked of a registry about one name. Clones share connections and tokens.
#[derive(Debug, Clone)]
pub struct Repository(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// As in an image's name.
    registry: String,
    path: String,
    credentials: Option<Credentials>,
    endpoints: Vec<Endpoint>,
    connections: Arc<Connections>,
    timeouts: Timeouts,
    authorization: Mutex<Vec<Authorization>>,
}

/// What an endpoint has been told of who asks.
#[derive(Debug)]
struct Authorization {
    origin: Origin,
    is_push: bool,
    value: HeaderValue,
    until: Option<Instant>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Pull,
    Push,
}

impl Repository {
    pub(crate) fn new(
        registry: &str,
        path: &str,
        credentials: Option<Credentials>,
        endpoints: Vec<Endpoint>,
        connections: Arc<Connections>,
        timeouts: Timeouts,
    ) -> Self {
        Self(Arc::new(Inner {
            registry: registry.to_owned(),
            path: path.to_owned(),
            credentials,
            endpoints,
            connections,
            timeouts,
            authorization: Mutex::default(),
        }))
    }

    /// As Docker names it in messages.
    pub(crate) fn shown(&self) -> String {
        format!("{}/{}", self.0.registry, self.0.path)
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.0.timeouts
    }

    /// The mirrors, then the registry itself.
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        &self.0.endpoints
    }

    /// The registry itself.
    pub(crate) fn home(&self) -> Result<&Endpoint> {
        self.0.endpoints.last().ok_or_else(|| Error::new(Kind::Unreachable, "there is nobody to ask"))
    }

    /// `/v2/<name>/…`
    pub(crate) fn url(&self, rest: &str) -> String {
        format!("/v2/{}/{rest}", self.0.path)
    }

    /// Asks one endpoint, and again where that may help. The answer is whatever the registry says in the end.
    pub(crate) async fn ask(
        &self,
        endpoint: &Endpoint,
        operation: Operation,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Answer> {
        let mut tries = 0;
        loop {
            let outcome = self.ask_once(endpoint, operation, method, path, headers, body.clone()).await;
            let wait = match &outcome {
                Ok(answer) if is_worth_a_retry(answer.status) => retry_after(answer),
                Err(error) if error.is_transient() => None,
                _ => return outcome,
            };
            if tries == RETRIES || wait.is_some_and(|wait| wait > LONGEST_WAIT) {
                return outcome;
            }
            tokio::time::sleep(wait.unwrap_or_else(|| back_off(self.0.timeouts.retry, tries))).await;
            tries += 1;
        }
    }

    /// Asks with what is known of who asks, and once more when the registry wants to know.
    async fn ask_once(
        &self,
        endpoint: &Endpoint,
        operation: Operation,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Answer> {
        let first = self.follow(endpoint.origin(), operation, method, path, headers, body.clone()).await;
        let answer = match first {
            Err(error) if error.kind() == Kind::Unreachable && endpoint.fall_back() => {
                let plain = self.follow(endpoint.origin(), operation, method, path, headers, body.clone()).await;
                plain.map_err(|second| if second.kind() == Kind::Unreachable { second } else { error })?
            }
            other => other?,
        };
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let origin = endpoint.origin().clone();
        if !self.authorize(&origin, endpoint.is_mirror, operation, &answer).await? {
            return Ok(answer);
        }
        self.follow(&origin, operation, method, path, headers, body).await
    }

    /// Asks, and goes where the answer sends us. Who asks is nobody's business but the registry's own.
    async fn follow(
        &self,
        home: &Origin,
        operation: Operation,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Answer> {
        let (mut origin, mut path) = (home.clone(), path.to_owned());
        for _ in 0..=MOST_REDIRECTS {
            let mut headers = headers.clone();
            if origin == *home
                && let Some(value) = self.authorization(home, operation)
            {
                headers.insert(AUTHORIZATION, value);
            }
            let answer = self.0.connections.send(method, &origin, &path, &headers, body.clone()).await?;
            let is_redirect = matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308);
            let is_reading = *method == Method::GET || *method == Method::HEAD;
            let Some(location) = answer.header(LOCATION).filter(|_| is_redirect && is_reading) else {
                return Ok(answer);
            };
            (origin, path) = resolve(&origin, location)?;
        }
        Err(Error::new(Kind::Broken, format!("{}: the registry sends us in circles", self.shown())))
    }

    /// Sends what comes by and by.
    pub(crate) async fn send_stream(
        &self,
        origin: &Origin,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: RequestBody,
    ) -> Result<Answer> {
        let mut headers = headers.clone();
        if self.home()?.origin() == origin
            && let Some(value) = self.authorization(origin, Operation::Push)
        {
            headers.insert(AUTHORIZATION, value);
        }
        self.0.connections.send_stream(method, origin, path, &headers, body).await
    }

    /// Meets a challenge, if it can be met.
    async fn authorize(&self, origin: &Origin, is_mirror: bool, operation: Operation, answer: &Answer) -> Result<bool> {
        let credentials = self.0.credentials.as_ref().filter(|_| !is_mirror);
        let mut challenges = answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenge = challenges.find_map(Challenge::parse);
        let token = match (challenge, credentials) {
            (_, Some(Credentials::RegistryToken(token))) => Token::lasting(format!("Bearer {token}")),
            (Some(Challenge::Basic), Some(credentials)) => match credentials.basic() {
                Some(basic) => Token::lasting(basic),
                None => return Ok(false),
            },
            (Some(Challenge::Bearer { realm, service, scope }), credentials) => {
                let actions = if operation == Operation::Push { "pull,push" } else { "pull" };
                let own = format!("repository:{}:{actions}", self.0.path);
                let scope = if self.0.path.is_empty() { scope.unwrap_or_default() } else { own };
                token::fetch(&self.0.connections, origin, &realm, service.as_deref(), &scope, credentials).await?
            }
            _ => return Ok(false),
        };
        let mut value = HeaderValue::from_str(&token.value)
            .map_err(|_| Error::new(Kind::Broken, format!("{origin}: the token that we got can't be used")))?;
        value.set_sensitive(true);
        let is_push = operation == Operation::Push;
        let mut all = self.0.authorization.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|known| known.origin != *origin || known.is_push != is_push);
        all.push(Authorization { origin: origin.clone(), is_push, value, until: token.until });
        Ok(true)
    }

    fn authorization(&self, origin: &Origin, operation: Operation) -> Option<HeaderValue> {
        let all = self.0.authorization.lock().unwrap_or_else(PoisonError::into_inner);
        let is_push = operation == Operation::Push;
        let known = all.iter().find(|known| known.origin == *origin && known.is_push == is_push)?;
        known.until.is_none_or(|until| until > Instant::now()).then(|| known.value.clone())
    }

    /// What is wrong with an answer that is no success. `what` was asked for.
    pub(crate) async fn failure(&self, what: &str, answer: Answer) -> Error {
        let status = answer.status.as_u16();
        // Without what it says we still know its number.
        let body = answer.bytes(LARGEST_ERROR).await.unwrap_or_default();
        Error::of_answer(what, status, &body)
    }
}

/// Where a `Location` leads. Never from encryption to none.
pub(crate) fn resolve(from: &Origin, location: &str) -> Result<(Origin, String)> {
    if location.starts_with('/') && !location.starts_with("//") {
        return Ok((from.clone(), location.to_owned()));
    }
    let (origin, path) = Origin::parse(location)?;
    if from.scheme == Scheme::Https && origin.scheme == Scheme::Http {
        return Err(Error::new(
            Kind::Broken,
            format!("{from}: the registry sends us to {origin}, which is not encrypted: refused"),
        ));
    }
    Ok((origin, path))
}

/// Twice as long each time, and not all at the same instant.
pub(crate) fn back_off(first: Duration, tries: u32) -> Duration {
    let base = first.saturating_mul(1 << tries.min(10)).min(LONGEST_WAIT);
    let mut random = [0; 1];
    // Without chance it is all the same, only less spread.
    let _ = getrandom::fill(&mut random);
    base.mul_f64(0.75 + f64::from(random[0]) / 512.0)
}

fn is_worth_a_retry(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds = answer.header(RETRY_AFTER)?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

pub(crate) fn header(name: HeaderName, value: &str) -> Result<HeaderMap> {
    let value = HeaderValue::from_str(value)
        .map_err(|_| Error::new(Kind::Unsupported, format!("{value:?} can't be sent to a registry")))?;
    Ok([(name, value)].into_iter().collect())
}
