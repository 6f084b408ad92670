//! The plain requests before the WebSocket.

use gloo::net::http::{Request, Response};
use protocol::{
    Deck,
    session::{Join, Problem, Session},
};
use serde::de::DeserializeOwned;

/// Why a request brought nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// The server wasn't reached, or answered what this page can't read.
    Unreachable,
    /// The server said no.
    Problem(Problem),
}

/// Opens a session under a name.
pub(crate) async fn join(name: &str) -> Result<Session, Failure> {
    let body = Join { name: name.to_owned() };
    let request = Request::post("/api/session").json(&body).map_err(unreachable)?;
    answer(request.send().await.map_err(unreachable)?).await
}

/// The session that this browser already has.
pub(crate) async fn session() -> Result<Session, Failure> {
    answer(Request::get("/api/session").send().await.map_err(unreachable)?).await
}

pub(crate) async fn deck() -> Result<Deck, Failure> {
    answer(Request::get("/api/deck").send().await.map_err(unreachable)?).await
}

async fn answer<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    if response.ok() {
        return response.json().await.map_err(unreachable);
    }
    Err(Failure::Problem(response.json().await.map_err(unreachable)?))
}

fn unreachable(_: gloo::net::Error) -> Failure {
    Failure::Unreachable
}
