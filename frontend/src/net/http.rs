//! The plain requests before the WebSocket.

use gloo::net::http::{Request, Response};
use protocol::Deck;
use protocol::instructor::{Identify, Preflight};
use protocol::message::SILENCE;
use protocol::session::{Join, Problem, Session, Workshop};
use serde::de::DeserializeOwned;
use web_sys::AbortSignal;

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

/// What is to be joined.
pub(crate) async fn workshop() -> Result<Workshop, Failure> {
    answer(Request::get("/api/workshop").send().await.map_err(unreachable)?).await
}

/// The session that this browser already has. Over a line that is dead the answer is soon that the server can't be reached.
pub(crate) async fn session() -> Result<Session, Failure> {
    let limit = AbortSignal::timeout_with_f64(SILENCE.as_millis() as f64);
    answer(Request::get("/api/session").abort_signal(Some(&limit)).send().await.map_err(unreachable)?).await
}

/// Has the session's host set up anew.
pub(crate) async fn reset() -> Result<(), Failure> {
    checked(Request::post("/api/session/reset").send().await.map_err(unreachable)?).await.map(drop)
}

/// Ends the session, and its host with it.
pub(crate) async fn leave() -> Result<(), Failure> {
    checked(Request::delete("/api/session").send().await.map_err(unreachable)?).await.map(drop)
}

pub(crate) async fn deck() -> Result<Deck, Failure> {
    answer(Request::get("/api/deck").send().await.map_err(unreachable)?).await
}

/// Says that one is the instructor, by the key that the server's link ends with.
pub(crate) async fn identify(key: &str) -> Result<(), Failure> {
    let body = Identify { key: key.to_owned() };
    let request = Request::post("/api/instructor").json(&body).map_err(unreachable)?;
    checked(request.send().await.map_err(unreachable)?).await.map(drop)
}

/// What the workshop needs, and what of it is there.
pub(crate) async fn preflight() -> Result<Preflight, Failure> {
    answer(Request::get("/api/instructor/preflight").send().await.map_err(unreachable)?).await
}

/// Has what is missing built and fetched.
pub(crate) async fn begin_preflight() -> Result<Preflight, Failure> {
    answer(Request::post("/api/instructor/preflight").send().await.map_err(unreachable)?).await
}

async fn answer<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    checked(response).await?.json().await.map_err(unreachable)
}

async fn checked(response: Response) -> Result<Response, Failure> {
    if response.ok() {
        return Ok(response);
    }
    Err(Failure::Problem(response.json().await.map_err(unreachable)?))
}

fn unreachable(_: gloo::net::Error) -> Failure {
    Failure::Unreachable
}
