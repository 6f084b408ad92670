//! A tab's WebSocket: terminals, run buttons, and what is on the host.

mod sender;
mod tab;

use crate::host::{Berth, Over};
use crate::roles::{self, Role};
use crate::session::Session;
use crate::workshop::Workshop;
use axum::extract::ws::{Message, WebSocket, close_code};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use protocol::message::{ClientMessage, Happened, MAX_CLIENT_FRAME, SILENCE, ServerMessage};
use protocol::session::{Problem, ProblemCode};
use sender::Sender;
use std::sync::Arc;
use std::time::Duration;
use tab::Tab;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// Whose socket it is: who opens one has a session.
const ROLE: Role = Role::Participant;

/// How long a virtual host may take to begin.
const BEGIN_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a tab may take to read why it is sent away.
const FAREWELL: Duration = Duration::from_secs(2);

/// How often an open tab counts as seen.
const TOUCH: Duration = Duration::from_secs(300);

/// Messages that can't be read before the tab is sent away.
const MAX_BAD_MESSAGES: u32 = 5;

/// Why a tab's connection is closed by the server.
type Farewell = (u16, &'static str);

/// Serves a tab of `session` until it goes.
pub(crate) async fn serve(socket: WebSocket, workshop: Arc<Workshop>, session: Session) {
    let (sink, stream) = socket.split();
    let mut tasks = JoinSet::new();
    let sender = Sender::spawn(sink, &mut tasks);
    let (code, reason) = match begin(&workshop, &session).await {
        Ok(berth) => attend(stream, &workshop, &session, &berth, &sender).await,
        Err(problem) => {
            sender.message(&ServerMessage::Refused { problem }).await;
            (close_code::ERROR, "the virtual host can't be begun")
        }
    };
    let farewell = async {
        sender.close(code, reason).await;
        tasks.join_next().await
    };
    // A tab that doesn't take the farewell is dropped without.
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        tracing::debug!(host.id = session.host, "a tab did not wait for its farewell");
    }
}

/// The session's host.
async fn begin(workshop: &Workshop, session: &Session) -> Result<Arc<Berth>, Problem> {
    let begun = tokio::time::timeout(BEGIN_TIMEOUT, workshop.hosts.berth(session)).await;
    let message = match begun {
        Ok(Ok(berth)) => return Ok(berth),
        Ok(Err(error)) => error.message,
        Err(_) => "it takes too long".to_owned(),
    };
    tracing::error!(host.id = session.host, error = message, "a virtual host can't be begun");
    Err(Problem { code: ProblemCode::HostFailed, message: format!("your virtual host can't be begun: {message}") })
}

/// Reads what the tab sends, until it goes or has to.
async fn attend(
    mut stream: SplitStream<WebSocket>,
    workshop: &Arc<Workshop>,
    session: &Session,
    berth: &Arc<Berth>,
    sender: &Sender,
) -> Farewell {
    let Ok(_place) = berth.tabs.clone().try_acquire_owned() else {
        let message = "too many tabs of this session are open: close one".to_owned();
        let problem = Problem { code: ProblemCode::Full, message };
        sender.message(&ServerMessage::Refused { problem }).await;
        return (close_code::AGAIN, "too many tabs");
    };
    let mut tab = Tab::new(workshop.clone(), berth.clone(), sender.clone());
    let mut bad_messages = 0;
    let mut touch = tokio::time::interval(TOUCH);
    let mut heard = Instant::now();
    loop {
        let message = tokio::select! {
            message = timeout_at(heard + SILENCE, stream.next()) => message,
            over = berth.over() => {
                workshop.hosts.forget(session, berth).await;
                let (happened, farewell) = match over {
                    Over::Ended => (Some(Happened::HostEnded), "the virtual host has ended"),
                    Over::Reset => (Some(Happened::HostReset), "the virtual host is set up anew"),
                    Over::Left => (None, "the session is over"),
                };
                if let Some(happened) = happened {
                    sender.message(&ServerMessage::Happened(happened)).await;
                }
                return (close_code::RESTART, farewell);
            }
            _ = touch.tick() => {
                match workshop.sessions.touch(session.host.clone()).await {
                    Ok(true) => {}
                    // It ended between the tab's question for it and its host's beginning.
                    Ok(false) => {
                        if let Err(error) = workshop.hosts.end(&session.host, Over::Left).await {
                            tracing::error!(host.id = session.host, %error, "a virtual host without a session can't be ended");
                        }
                        return (close_code::RESTART, "the session is over");
                    }
                    Err(error) => {
                        tracing::warn!(host.id = session.host, %error, "it can't be noted that the session is in use");
                    }
                }
                continue;
            }
        };
        heard = Instant::now();
        let result = match message {
            Ok(Some(Ok(Message::Close(_))) | None) => return (close_code::NORMAL, ""),
            Ok(Some(Err(error))) => {
                tracing::debug!(host.id = session.host, %error, "a tab's connection broke");
                return (close_code::PROTOCOL, "this can't be read");
            }
            Err(_) => return (close_code::AWAY, "nothing was heard for a long time"),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Ok(message))) if size(&message) > MAX_CLIENT_FRAME => Err(Problem {
                code: ProblemCode::TooLarge,
                message: format!("a frame has at most {MAX_CLIENT_FRAME} bytes"),
            }),
            Ok(Some(Ok(Message::Text(text)))) => match serde_json::from_str::<ClientMessage>(&text) {
                Ok(message) if !ROLE.may(roles::sender(&message)) => Err(forbidden()),
                Ok(message) => tab.handle(message),
                Err(error) => Err(bad_message(error.to_string())),
            },
            Ok(Some(Ok(Message::Binary(bytes)))) => tab.type_bytes(&bytes),
        };
        let Err(problem) = result else { continue };
        bad_messages += u32::from(matches!(problem.code, ProblemCode::BadMessage | ProblemCode::TooLarge));
        sender.message(&ServerMessage::Refused { problem }).await;
        if bad_messages >= MAX_BAD_MESSAGES {
            return (close_code::POLICY, "too many messages that can't be read");
        }
    }
}

fn size(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}

fn forbidden() -> Problem {
    Problem { code: ProblemCode::NotInstructor, message: "this is for the instructor".to_owned() }
}

fn bad_message(message: impl Into<String>) -> Problem {
    Problem { code: ProblemCode::BadMessage, message: message.into() }
}
