//! The WebSocket, over a real connection.

use super::fixture::{COMMAND, Fixture, NO_CONTAINER, ORIGIN, fixture, request};
use crate::host::Over;
use crate::web::listen;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use futures_util::{SinkExt, StreamExt};
use protocol::deck::LineAddress;
use protocol::harbour::ContainerAction;
use protocol::message::{ClientMessage, Happened, MAX_CLIENT_FRAME, ServerMessage};
use protocol::place::RunHow;
use protocol::session::ProblemCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

struct Browser(WebSocketStream<TcpStream>);

impl Browser {
    async fn open(fixture: &Fixture, cookie: &str) -> Result<Self, Box<tokio_tungstenite::tungstenite::Error>> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(listen(listener, fixture.router.clone()));
        let mut request = "ws://localhost:8080/api/socket".into_client_request().unwrap();
        request.headers_mut().insert("origin", ORIGIN.parse().unwrap());
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        let stream = TcpStream::connect(address).await.unwrap();
        client_async(request, stream).await.map(|(socket, _)| Self(socket)).map_err(Box::new)
    }

    /// Joins, and opens terminal 0.
    async fn with_terminal(fixture: &Fixture) -> Self {
        let cookie = fixture.cookie("Anna").await;
        let mut browser = Self::open(fixture, &cookie).await.unwrap();
        browser.send(&ClientMessage::Open { terminal: 0, rows: 24, cols: 80 }).await;
        while !matches!(browser.message().await, ServerMessage::Opened { .. }) {}
        browser
    }

    async fn send(&mut self, message: &ClientMessage) {
        self.0.send(Message::text(serde_json::to_string(message).unwrap())).await.unwrap();
    }

    /// The next frame that isn't the keeping alive, which is answered.
    async fn frame(&mut self) -> Message {
        loop {
            let frame = self.0.next().await.unwrap().unwrap();
            if frame != alive() {
                return frame;
            }
            self.send(&ClientMessage::Alive).await;
        }
    }

    /// The next one, whatever terminals show meanwhile.
    async fn message(&mut self) -> ServerMessage {
        loop {
            let frame = self.frame().await;
            if frame.is_text() {
                return serde_json::from_str(frame.to_text().unwrap()).unwrap();
            }
            assert!(!frame.is_close(), "{frame:?}");
        }
    }

    /// Waits until the server says that there are these.
    async fn terminals(&mut self, expected: &[u8]) {
        let expected = ServerMessage::Terminals { open: expected.to_vec() };
        while self.message().await != expected {}
    }

    async fn refused(&mut self) -> ProblemCode {
        loop {
            if let ServerMessage::Refused { problem } = self.message().await {
                return problem.code;
            }
        }
    }
}

fn alive() -> Message {
    Message::text(serde_json::to_string(&ServerMessage::Alive).unwrap())
}

#[tokio::test]
async fn without_a_session_there_is_no_socket() {
    let fixture = fixture();
    assert!(Browser::open(&fixture, "lernhafen=x").await.is_err());
}

#[tokio::test]
async fn the_harbour_is_shown_at_once() {
    let fixture = fixture();
    let cookie = fixture.cookie("Anna").await;
    let mut browser = Browser::open(&fixture, &cookie).await.unwrap();
    let harbour = loop {
        if let ServerMessage::Harbour(harbour) = browser.message().await {
            break harbour;
        }
    };
    assert_eq!(harbour.images[0].name, "debian:latest");
}

#[tokio::test]
async fn keys_reach_the_shell_and_its_output_the_screen() {
    let mut fixture = fixture();
    let mut browser = Browser::with_terminal(&fixture).await;
    let mut shell = fixture.shells.recv().await.unwrap();
    browser.0.send(Message::binary(b"\0ls\r".to_vec())).await.unwrap();
    let mut typed = [0; 3];
    shell.read_exact(&mut typed).await.unwrap();
    assert_eq!(&typed, b"ls\r");
    shell.write_all(b"datei").await.unwrap();
    let frame = loop {
        let frame = browser.frame().await;
        if frame.is_binary() {
            break frame;
        }
    };
    assert_eq!(frame.into_data().as_ref(), b"\0datei");
}

#[tokio::test]
async fn a_second_tab_has_the_same_shell() {
    let mut fixture = fixture();
    let cookie = fixture.cookie("Anna").await;
    let mut first = Browser::open(&fixture, &cookie).await.unwrap();
    first.send(&ClientMessage::Open { terminal: 0, rows: 24, cols: 80 }).await;
    let mut shell = fixture.shells.recv().await.unwrap();
    shell.write_all(b"da").await.unwrap();
    while !first.frame().await.is_binary() {}
    drop(first);
    let mut second = Browser::open(&fixture, &cookie).await.unwrap();
    second.send(&ClientMessage::Open { terminal: 0, rows: 24, cols: 80 }).await;
    let opened = loop {
        if let ServerMessage::Opened { terminal, replay } = second.message().await {
            break (terminal, replay);
        }
    };
    assert_eq!(opened, (0, 2));
    assert!(fixture.shells.try_recv().is_err());
}

#[tokio::test]
async fn a_run_button_types_the_decks_words() {
    let mut fixture = fixture();
    let mut browser = Browser::with_terminal(&fixture).await;
    let mut shell = fixture.shells.recv().await.unwrap();
    let line = LineAddress { h: 0, v: 0, block: 0, line: 0 };
    browser.send(&ClientMessage::Run { terminal: 0, line, how: RunHow::IfFree }).await;
    let mut typed = [0; 10];
    shell.read_exact(&mut typed).await.unwrap();
    assert_eq!(&typed, b"docker ps\r");
}

#[tokio::test]
async fn what_is_no_command_is_not_run() {
    let fixture = fixture();
    let mut browser = Browser::with_terminal(&fixture).await;
    for (h, v, block, line) in [(0, 0, 0, 1), (0, 0, 0, 2), (0, 0, 1, 0), (1, 0, 0, 0), (9, u32::MAX, 0, 0)] {
        let line = LineAddress { h, v, block, line };
        browser.send(&ClientMessage::Run { terminal: 0, line, how: RunHow::IfFree }).await;
        assert_eq!(browser.refused().await, ProblemCode::NotRunnable);
    }
}

#[tokio::test]
async fn terminals_that_are_not_open_are_refused() {
    let fixture = fixture();
    let mut browser = Browser::with_terminal(&fixture).await;
    browser.send(&ClientMessage::Resize { terminal: 3, rows: 1, cols: 1 }).await;
    assert_eq!(browser.refused().await, ProblemCode::BadMessage);
    browser.send(&ClientMessage::Open { terminal: 200, rows: 0, cols: u16::MAX }).await;
    assert_eq!(browser.refused().await, ProblemCode::BadMessage);
}

#[tokio::test]
async fn who_goes_on_sending_nonsense_is_sent_away() {
    let fixture = fixture();
    let mut browser = Browser::with_terminal(&fixture).await;
    for text in ["", "{", "[]", r#"{"type":"run","terminal":0,"line":"rm -rf"}"#] {
        browser.0.send(Message::text(text)).await.unwrap();
        assert_eq!(browser.refused().await, ProblemCode::BadMessage, "{text}");
    }
    browser.0.send(Message::binary(Vec::new())).await.unwrap();
    assert_eq!(browser.refused().await, ProblemCode::BadMessage);
    let Message::Close(Some(farewell)) = browser.frame().await else { panic!("a farewell") };
    assert_eq!(u16::from(farewell.code), 1008);
}

#[tokio::test]
async fn oversized_frames_are_refused_and_huge_ones_unread() {
    let mut fixture = fixture();
    let mut browser = Browser::with_terminal(&fixture).await;
    browser.0.send(Message::binary(vec![0; MAX_CLIENT_FRAME + 1])).await.unwrap();
    assert_eq!(browser.refused().await, ProblemCode::TooLarge);
    browser.0.send(Message::binary(b"\0x".to_vec())).await.unwrap();
    let mut shell = fixture.shells.recv().await.unwrap();
    assert_eq!(shell.read_u8().await.unwrap(), b'x');
    // The server may hang up while we still send: either way the connection is over.
    let _ended = browser.0.send(Message::binary(vec![0; 16 * MAX_CLIENT_FRAME])).await;
    let over = loop {
        match browser.0.next().await {
            None | Some(Err(_) | Ok(Message::Close(_))) => break true,
            Some(Ok(Message::Binary(_))) => break false,
            Some(Ok(_)) => {}
        }
    };
    assert!(over);
}

#[tokio::test]
async fn a_terminal_without_a_shell_is_said_and_tried_again() {
    let mut fixture = fixture();
    fixture.shells.close();
    let cookie = fixture.cookie("Anna").await;
    let mut browser = Browser::open(&fixture, &cookie).await.unwrap();
    browser.send(&ClientMessage::Open { terminal: 0, rows: 24, cols: 80 }).await;
    for _ in 0..2 {
        while !matches!(browser.message().await, ServerMessage::NoShell { terminal: 0, .. }) {}
        browser.send(&ClientMessage::RestartTerminal { terminal: 0, sure: true }).await;
    }
}

#[tokio::test]
async fn a_host_that_ends_sends_its_tabs_away_and_begins_again() {
    let mut fixture = fixture();
    let cookie = fixture.cookie("Anna").await;
    for _ in 0..2 {
        let mut browser = Browser::open(&fixture, &cookie).await.unwrap();
        while !matches!(browser.message().await, ServerMessage::Harbour(_)) {}
        fixture.signals.recv().await.unwrap().end(Over::Ended);
        while browser.message().await != ServerMessage::Happened(Happened::HostEnded) {}
        let Message::Close(Some(farewell)) = browser.frame().await else { panic!("a farewell") };
        assert_eq!(u16::from(farewell.code), 1012);
    }
}

#[tokio::test]
async fn all_tabs_have_the_same_terminals() {
    let mut fixture = fixture();
    let cookie = fixture.cookie("Anna").await;
    let mut first = Browser::open(&fixture, &cookie).await.unwrap();
    let mut second = Browser::open(&fixture, &cookie).await.unwrap();
    first.send(&ClientMessage::Open { terminal: 0, rows: 24, cols: 80 }).await;
    first.send(&ClientMessage::Open { terminal: 3, rows: 24, cols: 80 }).await;
    second.terminals(&[0, 3]).await;
    let close = |sure| ClientMessage::CloseTerminal { terminal: 3, sure };
    first.send(&close(false)).await;
    let asked = ServerMessage::StillRunning { terminal: 3, restart: false, commands: vec![COMMAND.to_owned()] };
    while first.message().await != asked {}
    assert!(fixture.ended_shells.try_recv().is_err());
    first.send(&close(true)).await;
    assert_eq!(fixture.ended_shells.recv().await, Some(3));
    for browser in [&mut first, &mut second] {
        browser.terminals(&[0]).await;
    }
    // What was on its way is nobody's fault.
    first.0.send(Message::binary(b"\x03x".to_vec())).await.unwrap();
    first.send(&ClientMessage::Resize { terminal: 3, rows: 1, cols: 1 }).await;
    first.send(&ClientMessage::Resize { terminal: 4, rows: 1, cols: 1 }).await;
    loop {
        if let ServerMessage::Refused { problem } = first.message().await {
            assert!(problem.message.contains("terminal 4"), "{}", problem.message);
            break;
        }
    }
}

#[tokio::test]
async fn the_pier_acts_on_containers_and_says_how_it_went() {
    let mut fixture = fixture();
    let cookie = fixture.cookie("Anna").await;
    let mut browser = Browser::open(&fixture, &cookie).await.unwrap();
    for (id, expected) in [("fedcba987654", None), (NO_CONTAINER, Some(ProblemCode::NoContainer))] {
        let action = ContainerAction::Kill;
        browser.send(&ClientMessage::Container { id: id.to_owned(), action }).await;
        assert_eq!(fixture.actions.recv().await, Some((id.to_owned(), action)));
        let problem = loop {
            if let ServerMessage::ContainerDone { id: done, problem, .. } = browser.message().await {
                assert_eq!(done, id);
                break problem;
            }
        };
        assert_eq!(problem.map(|problem| problem.code), expected);
    }
}

#[tokio::test]
async fn a_reset_takes_the_old_host_and_gives_a_new_one() {
    let mut fixture = fixture();
    let cookie = fixture.cookie("Anna").await;
    let mut browser = Browser::open(&fixture, &cookie).await.unwrap();
    while !matches!(browser.message().await, ServerMessage::Harbour(_)) {}
    let mut reset = request(Method::POST, "/api/session/reset", Body::empty());
    assert_eq!(fixture.ask(reset).await.status(), StatusCode::UNAUTHORIZED);
    reset = request(Method::POST, "/api/session/reset", Body::empty());
    reset.headers_mut().insert("cookie", cookie.parse().unwrap());
    assert_eq!(fixture.ask(reset).await.status(), StatusCode::NO_CONTENT);
    assert!(fixture.ended.recv().await.is_some());
    while browser.message().await != ServerMessage::Happened(Happened::HostReset) {}
    let mut again = Browser::open(&fixture, &cookie).await.unwrap();
    again.terminals(&[0]).await;
    let begun = std::iter::from_fn(|| fixture.signals.try_recv().ok()).count();
    assert_eq!(begun, 2, "the old one, and the new one once");
}
