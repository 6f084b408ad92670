//! Run buttons and the terminal, as a page has them: what is typed, when, and what is said instead.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::workshop::Workshop;
use protocol::deck::LineAddress;
use protocol::message::{ClientMessage, ServerMessage};
use protocol::place::{LineState, Obstacle, Place, RunHow};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

/// Line by line, as the tests call them.
const LINES: [&str; 8] = [
    "true",
    "false",
    "date >>/tmp/once; sleep 1",
    "test $(wc -l </tmp/once) = 1",
    "docker run -it --name test busybox",
    "exit",
    "docker exec -it uhr sh",
    "exit",
];
const TRUE: u32 = 0;
const FALSE: u32 = 1;
const ONCE: u32 = 2;
const IS_ONE: u32 = 3;
const RUN: u32 = 4;
const EXIT: u32 = 5;
const EXEC: u32 = 6;
const LEAVE: u32 = 7;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page with terminal 0 open.
struct Page {
    socket: WebSocket<TcpStream>,
    place: Place,
    lines: Vec<(u32, LineState)>,
    shown: String,
    /// What is waited for, and since when.
    awaited: (String, Instant),
}

impl Page {
    fn open(workshop: &Workshop) -> Self {
        let cookie = workshop.join("Ada");
        let at = format!("127.0.0.1:{}", workshop.port);
        let mut request = format!("ws://{at}/api/socket").into_client_request().unwrap();
        request.headers_mut().insert("origin", format!("http://{at}").parse().unwrap());
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        let stream = TcpStream::connect(&at).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, _) = client(request, stream).unwrap();
        let mut page = Self {
            socket,
            place: Place::Unknown,
            lines: Vec::new(),
            shown: String::new(),
            awaited: (String::new(), Instant::now()),
        };
        page.send(&ClientMessage::Open { terminal: 0, rows: 24, cols: 80 });
        page.is_at("prompt", |place| *place == Place::Prompt);
        page
    }

    fn send(&mut self, message: &ClientMessage) {
        self.socket.send(Message::text(serde_json::to_string(message).unwrap())).unwrap();
    }

    fn types(&mut self, text: &str) {
        self.socket.send(Message::binary([b"\0", text.as_bytes()].concat())).unwrap();
    }

    fn press(&mut self, line: u32, how: RunHow) {
        self.lines.retain(|(known, _)| *known != line);
        let line = LineAddress { h: 0, v: 0, block: 0, line };
        self.send(&ClientMessage::Run { terminal: 0, line, how });
    }

    /// Presses, and waits until the line is over.
    fn runs(&mut self, line: u32) -> Option<i32> {
        self.press(line, RunHow::IfFree);
        self.ends(line)
    }

    fn ends(&mut self, line: u32) -> Option<i32> {
        match self.becomes(line, "done", |state| matches!(state, LineState::Done { .. })) {
            LineState::Done { exit_code } => exit_code,
            other => panic!("{other:?}"),
        }
    }

    fn is_held(&mut self, line: u32) -> Obstacle {
        self.press(line, RunHow::IfFree);
        match self.becomes(line, "held", |state| matches!(state, LineState::Held { .. })) {
            LineState::Held { obstacle } => obstacle,
            other => panic!("{other:?}"),
        }
    }

    fn becomes(&mut self, line: u32, what: &str, so: impl Fn(&LineState) -> bool) -> LineState {
        loop {
            let found = self.lines.iter().find(|(known, state)| *known == line && so(state));
            if let Some((_, state)) = found {
                return state.clone();
            }
            self.read(&format!("line {line} is {what}"));
        }
    }

    fn is_at(&mut self, what: &str, so: impl Fn(&Place) -> bool) -> Place {
        while !so(&self.place) {
            self.read(&format!("the place is {what}"));
        }
        self.place.clone()
    }

    fn sees(&mut self, text: &str) {
        while !self.shown.contains(text) {
            self.read(&format!("the terminal shows {text}"));
        }
    }

    fn read(&mut self, awaited: &str) {
        if self.awaited.0 != awaited {
            self.awaited = (awaited.to_owned(), Instant::now());
        }
        let late = self.awaited.1.elapsed() > PATIENCE;
        assert!(!late, "not before {awaited}: {:?}, {:?}\n{}", self.place, self.lines, self.shown);
        let message = self.socket.read().unwrap_or_else(|error| {
            panic!("{error} before {awaited}: {:?}, {:?}\n{}", self.place, self.lines, self.shown);
        });
        match message {
            Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                ServerMessage::Place { place, .. } => self.place = place,
                ServerMessage::Line { line, state, .. } => self.lines.push((line.line, state)),
                ServerMessage::Alive => self.send(&ClientMessage::Alive),
                _ => {}
            },
            Message::Binary(bytes) => {
                self.shown.push_str(&String::from_utf8_lossy(&bytes[1..]));
                let drawn = ClientMessage::Drawn { terminal: 0, bytes: self.shown.len() as u64 };
                self.send(&drawn);
            }
            _ => {}
        }
    }
}

fn elsewhere(place: Place) -> Obstacle {
    Obstacle::Elsewhere { place }
}

#[test]
fn a_button_never_types_into_the_wrong_place() {
    let workshop = Workshop::start(&format!("# A\n```bash\n{}\n```\n", LINES.join("\n")));
    let mut page = Page::open(&workshop);
    let prompt = |page: &mut Page| drop(page.is_at("prompt", |place| *place == Place::Prompt));

    assert_eq!((page.runs(TRUE), page.runs(FALSE)), (Some(0), Some(1)));
    // Whatever a learner does to the prompt.
    page.types("PS1='mine> '; PROMPT_COMMAND='printf before'; set -o vi; set -x\r");
    page.sees("hmine> ");
    assert_eq!((page.runs(TRUE), page.runs(FALSE)), (Some(0), Some(1)));

    // What is half typed is given up, wherever the cursor is in it, and over several lines.
    page.types("echo half\x1b0");
    page.sees("echo half");
    assert_eq!(page.runs(TRUE), Some(0));
    page.types("for i in 1 2; do\r");
    page.is_at("entered", |place| *place != Place::Prompt);
    prompt(&mut page);
    assert_eq!(page.runs(FALSE), Some(1));

    // Two presses are one.
    page.press(ONCE, RunHow::IfFree);
    page.press(ONCE, RunHow::IfFree);
    assert_eq!(page.ends(ONCE), Some(0));
    prompt(&mut page);
    assert_eq!(page.runs(IS_ONE), Some(0));

    // Marks that others write are nobody's, also while it is busy.
    page.types("printf '\\e]133;D;0\\a\\e]133;A;aid=x\\a\\e]133;B\\a'; sleep 1000\r");
    let busy = Place::Busy { command: "sleep 1000".to_owned() };
    page.is_at("busy", |place| *place == busy);
    assert_eq!(page.is_held(TRUE), elsewhere(busy.clone()));
    page.press(TRUE, RunHow::WhenFree);
    page.becomes(TRUE, "waiting", |state| *state == LineState::Waiting);
    page.press(FALSE, RunHow::WhenFree);
    page.becomes(TRUE, "cancelled", |state| *state == LineState::Cancelled);
    page.types("\x03");
    assert_eq!(page.ends(FALSE), Some(1));
    page.types("sleep 1000\r");
    page.is_at("busy", |place| *place == busy);
    page.press(FALSE, RunHow::WhenFree);
    page.becomes(FALSE, "waiting", |state| *state == LineState::Waiting);
    page.send(&ClientMessage::CancelRun { terminal: 0 });
    page.becomes(FALSE, "cancelled", |state| *state == LineState::Cancelled);
    page.types("\x03");
    prompt(&mut page);

    // Programs that wait for input, and those that have the screen.
    for question in ["cat", "read answer", "read -n 1 answer"] {
        page.types(&format!("{question}\r"));
        page.is_at("a question", |place| matches!(place, Place::Question { .. }));
        assert!(matches!(page.is_held(TRUE), Obstacle::Elsewhere { place: Place::Question { .. } }));
        page.types("\x03");
        prompt(&mut page);
    }
    page.types("vi /tmp/file\r");
    let editor = page.is_at("an editor", |place| matches!(place, Place::FullScreen { .. }));
    assert_eq!(page.is_held(TRUE), elsewhere(editor));
    page.types("\x1b:q!\r");
    prompt(&mut page);
}

#[test]
fn lines_know_inside_from_outside() {
    let workshop = Workshop::start(&format!("# A\n```bash\n{}\n```\n", LINES.join("\n")));
    let mut page = Page::open(&workshop);
    let container = |name: &str, command: u32| Place::Container {
        command: LINES[command as usize].to_owned(),
        name: Some(name.to_owned()),
    };
    assert_eq!(page.is_held(EXIT), elsewhere(Place::Prompt), "it would end the shell");

    page.press(RUN, RunHow::IfFree);
    page.is_at("test", |place| *place == container("test", RUN));
    assert_eq!(page.is_held(TRUE), elsewhere(container("test", RUN)));
    assert_eq!(page.runs(EXIT), None);
    assert_eq!(page.ends(RUN), Some(0));
    page.is_at("prompt", |place| *place == Place::Prompt);
    let exists = Obstacle::Exists { container: "test".to_owned(), running: false };
    assert_eq!(page.is_held(RUN), exists);
    page.press(RUN, RunHow::Replacing);
    page.is_at("test", |place| matches!(place, Place::Container { .. }));
    // As "leave, then run" does.
    page.types("half\x15\x04");
    page.press(FALSE, RunHow::WhenFree);
    assert_eq!(page.ends(FALSE), Some(1));

    page.types("docker run -d --name uhr busybox sleep 1000\r");
    page.is_at("busy", |place| *place != Place::Prompt);
    page.is_at("prompt", |place| *place == Place::Prompt);
    page.press(EXEC, RunHow::IfFree);
    page.is_at("uhr", |place| *place == container("uhr", EXEC));
    assert_eq!(page.is_held(TRUE), elsewhere(container("uhr", EXEC)));
    assert_eq!((page.runs(LEAVE), page.ends(EXEC)), (None, Some(0)));
    assert_eq!(page.runs(TRUE), Some(0));

    // Whoever insists.
    page.types("cat\r");
    page.is_at("a question", |place| matches!(place, Place::Question { .. }));
    page.press(FALSE, RunHow::Anyway);
    assert_eq!(page.ends(FALSE), None);
    page.sees("false\r\nfalse\r\n");
}
