//! `GET /containers/{id}/stats`

mod response;

use crate::error::{Error, Reply};
use crate::query::{Name, Params};
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use engine::ContainerId;
use engine::VirtualHost;
use engine::container::Sample;
use response::StatsResponse;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Between two figures of a stream, as in Docker.
const INTERVAL: Duration = Duration::from_secs(1);

pub(crate) async fn stats(State(host): State<Arc<VirtualHost>>, Name(name): Name, params: Params) -> Reply {
    // Docker streams unless it is told not to.
    let stream = params.text("stream").is_none() || params.bool("stream");
    let one_shot = params.bool("one-shot");
    if stream && one_shot {
        return Err(Error::bad("cannot have stream=true and one-shot=true"));
    }
    let (container, first) = host.sample(&name).await?;
    let content = [(header::CONTENT_TYPE, "application/json")];
    if one_shot {
        return Ok((content, line(&StatsResponse::new(None, first.as_ref(), None))).into_response());
    }
    if !stream {
        let second = match &first {
            Some(_) => {
                tokio::time::sleep(INTERVAL).await;
                host.sample(&container.id).await?.1
            }
            None => None,
        };
        let response = StatsResponse::new(Some(&container), second.as_ref(), first.as_ref());
        return Ok((content, line(&response)).into_response());
    }
    let follower = Follower { host, id: container.id.clone(), previous: None, begun: false };
    let lines = futures_util::stream::unfold(follower, async |mut follower| {
        let line = follower.next().await?;
        Some((io::Result::Ok(line), follower))
    });
    Ok((content, Body::from_stream(lines)).into_response())
}

/// A stream of figures, which ends with its client or its container.
struct Follower {
    host: Arc<VirtualHost>,
    id: ContainerId,
    previous: Option<Sample>,
    begun: bool,
}

impl Follower {
    async fn next(&mut self) -> Option<String> {
        if self.begun {
            tokio::time::sleep(INTERVAL).await;
        }
        self.begun = true;
        let (container, sample) = self.host.sample(&self.id).await.ok()?;
        let response = StatsResponse::new(Some(&container), sample.as_ref(), self.previous.as_ref());
        self.previous = sample;
        Some(line(&response))
    }
}

fn line(response: &StatsResponse) -> String {
    // Strings and numbers only: there is nothing in it that can't be written.
    serde_json::to_string(response).unwrap_or_default() + "\n"
}
