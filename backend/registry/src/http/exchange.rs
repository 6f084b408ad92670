//! A request and its answer, and where that leads.

use super::body::Body;
use super::connect::{Connection, Connector};
use super::pool::Pool;
use super::{Failure, Patience, Payload, Request, Response, Scheme, Tls};
use crate::dial::Dial;
use crate::{Error, Result, Retries, Timeouts, text};
use hyper::Method;
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderValue, LOCATION, USER_AGENT};
use std::sync::Arc;
use tokio::time::timeout;

const MOST_REDIRECTS: usize = 5;

/// The connections of one user's request to one repository.
#[derive(Debug)]
pub(crate) struct Http {
    connector: Connector,
    pool: Arc<Pool>,
    retries: Retries,
}

impl Http {
    pub(crate) fn new(dial: Arc<dyn Dial>, tls: Arc<Tls>, timeouts: Timeouts, retries: Retries) -> Self {
        Self { connector: Connector { dial, tls, timeouts }, pool: Arc::default(), retries }
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience::new(&self.retries)
    }

    /// As [`Http::send`], and again if it fails in passing. The answer may still be a refusal.
    pub(crate) async fn insist(&self, request: &Request<'_>) -> Result<Response> {
        let mut patience = self.patience();
        loop {
            let outcome = self.send(request.clone()).await;
            let Some(wait) = patience.after(&outcome) else { return outcome };
            if let Ok(response) = outcome {
                response.discard().await;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Asks, and follows redirects if nothing is changed by asking twice. Credentials do not follow to another origin.
    pub(crate) async fn send(&self, mut request: Request<'_>) -> Result<Response> {
        for _ in 0..=MOST_REDIRECTS {
            let response = self.exchange(&request).await.map_err(|e| e.of(&request.shown()))?;
            let follows = request.method == Method::GET || request.method == Method::HEAD;
            if !matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308) || !follows {
                return Ok(response);
            }
            let refused = |why: &str| Error::BadRedirect(format!("{}: {why}", response.request));
            let location = response.header(LOCATION).ok_or_else(|| refused("it redirects without saying where"))?;
            let next = response.url.join(location).ok_or_else(|| {
                refused(&format!("it redirects to what is no address of the web: {}", text::shown(location)))
            })?;
            if response.url.origin.scheme == Scheme::Https && next.origin.scheme == Scheme::Http {
                return Err(refused(&format!("it redirects from HTTPS to plain HTTP: {next}")));
            }
            if next.origin != request.url.origin {
                request.headers.remove(AUTHORIZATION);
            }
            request.url = next;
            response.discard().await;
        }
        Err(Error::BadRedirect(format!("{}: stopped after {MOST_REDIRECTS} redirects", request.shown())))
    }

    async fn exchange(&self, request: &Request<'_>) -> Result<Response, Failure> {
        let origin = &request.url.origin;
        if let Some(kept) = self.pool.take(origin).await {
            match self.exchange_over(kept, request).await {
                // The server closed it between two requests, which is its right.
                Err(Failure::Closed(_)) => {}
                answer => return answer,
            }
        }
        self.exchange_over(self.connector.connect(origin).await?, request).await
    }

    async fn exchange_over(&self, mut connection: Connection, request: &Request<'_>) -> Result<Response, Failure> {
        let timeouts = &self.connector.timeouts;
        let (outgoing, feeder) = request.payload.open(timeouts.stall);
        let mut message = hyper::Request::new(outgoing);
        *message.method_mut() = request.method.clone();
        // It was checked when the address was made; hyper can't fail here, but has no way to say so.
        *message.uri_mut() = request.url.target().parse().map_err(|_| Failure::NotHttp)?;
        *message.headers_mut() = request.headers.clone();
        let headers = message.headers_mut();
        let authority = HeaderValue::try_from(request.url.origin.authority()).map_err(|_| Failure::NotHttp)?;
        headers.insert(HOST, authority);
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("lernhafen/", env!("CARGO_PKG_VERSION"))));
        // What is compressed on the way has another digest.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if matches!(request.payload, Payload::Empty) && request.method != Method::GET && request.method != Method::HEAD
        {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let mut answering = std::pin::pin!(connection.sender.send_request(message));
        let early = match &feeder {
            None => None,
            // Some answers come before all has been sent: that the request is refused.
            Some(feeder) => tokio::select! {
                biased;
                answer = &mut answering => Some(answer),
                fed = feeder.feed() => {
                    fed?;
                    None
                }
            },
        };
        let unsent = early.as_ref().and_then(|_| feeder.map(|feeder| feeder.sender));
        let answer = match early {
            Some(answer) => answer,
            None => timeout(timeouts.head, answering).await.map_err(|_| Failure::Silent(timeouts.head))?,
        };
        let (head, incoming) = answer.map_err(|e| Failure::of_http(&e))?.into_parts();
        let home = unsent.is_none().then(|| (request.url.origin.clone(), Arc::clone(&self.pool)));
        Ok(Response {
            status: head.status,
            headers: head.headers,
            url: request.url.clone(),
            request: request.shown(),
            is_authorized: request.headers.contains_key(AUTHORIZATION),
            body: Body {
                incoming,
                connection: Some(connection),
                home,
                _unsent: unsent,
                stall: timeouts.stall,
                whole: timeouts.whole,
            },
        })
    }
}
