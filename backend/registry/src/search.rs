//! `docker search`: what Docker Hub knows.

use crate::http::{Origin, Payload, Request, Scheme, Url};
use crate::refusal::Refusal;
use crate::{Client, Dial, Error, Result, json, text};
use hyper::Method;
use hyper::header::HeaderMap;
use serde::Deserialize;
use std::sync::Arc;

/// A repository that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Found {
    pub name: String,
    pub description: String,
    pub star_count: u64,
    pub is_official: bool,
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Found>,
}

/// Only Docker Hub has it, and under a name of its own.
const HOST: &str = "index.docker.io";

/// Docker's limit.
const MOST: u32 = 100;

const LARGEST: usize = 1 << 20;

impl Client {
    /// At most `limit` repositories of Docker Hub with `term` in their names or descriptions.
    ///
    /// # Errors
    /// `limit` is not from 1 to 100, or Docker Hub does not answer.
    pub async fn search(&self, term: &str, limit: u32, dial: Arc<dyn Dial>) -> Result<Vec<Found>> {
        if limit == 0 || limit > MOST {
            return Err(Error::Invalid(format!("limit {limit} is outside the range of [1, {MOST}]")));
        }
        let url = Origin::parse(Scheme::Https, HOST)
            .and_then(|origin| Url::new(origin, "/v1/search"))
            .and_then(|url| url.with_field("q", term)?.with_field("n", &limit.to_string()))
            .ok_or_else(|| Error::Invalid("this can't be searched for".to_owned()))?;
        let http = self.usual_http(dial);
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), payload: Payload::Empty };
        let response = http.insist(&request).await?;
        if !response.status.is_success() {
            return Err(Refusal::read(response).await.plain());
        }
        let wrong = response.not_a_registry("no list of repositories came");
        let answer: Answer = json::from_slice(&response.bytes(LARGEST).await?).map_err(|_| wrong)?;
        let shown = |found: Found| Found {
            name: text::shown(&found.name),
            description: text::shown(&found.description),
            ..found
        };
        Ok(answer.results.into_iter().take(limit as usize).map(shown).collect())
    }
}
