//! Every message and every type of the API as JSON: what changes here, a page of yesterday doesn't understand.
//!
//! A variant without a line here, and a field without a value, don't compile.

#![allow(clippy::unwrap_used, reason = "a test may")]

use protocol::deck::{Block, CodeBlock, CodeLine, Deck, Inline, LineAddress, NotYet, Slide, Step};
use protocol::harbour::{Cargo, ContainerAction, Harbour, Limits, Ship, ShipState};
use protocol::instructor::{Identify, ImageState, NeededImage, OnlineLine, Place as Mention, Preflight};
use protocol::message::{Ended, Happened};
use protocol::place::{LineState, Obstacle, Place, RunHow};
use protocol::session::{Join, Problem, ProblemCode, Session, Workshop};
use protocol::{ClientMessage, ServerMessage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;

#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, golden: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), golden, "{value:?}");
    assert_eq!(&serde_json::from_value::<T>(golden).unwrap(), value);
}

/// A test of an enum: for each variant a value, and its JSON.
macro_rules! golden {
    ($test:ident, $type:ty { $($variant:pat => $value:expr, $json:tt;)+ }) => {
        #[test]
        fn $test() {
            $({
                let value: $type = $value;
                assert!(matches!(value, $variant));
                check(&value, json!($json));
            })+
            // The compiler asks for all variants.
            let _: fn($type) = |value| match value { $($variant => {})+ };
        }
    };
}

fn line() -> LineAddress {
    LineAddress { h: 1, v: 2, block: 3, line: 4 }
}

fn problem() -> Problem {
    Problem { code: ProblemCode::Full, message: "all places are taken".to_owned() }
}

const ID: &str = "0123456789ab";

golden!(what_the_browser_says, ClientMessage {
    ClientMessage::Open { .. } => ClientMessage::Open { terminal: 1, rows: 24, cols: 80 },
        { "type": "open", "terminal": 1, "rows": 24, "cols": 80 };
    ClientMessage::Resize { .. } => ClientMessage::Resize { terminal: 1, rows: 30, cols: 90 },
        { "type": "resize", "terminal": 1, "rows": 30, "cols": 90 };
    ClientMessage::CloseTerminal { .. } => ClientMessage::CloseTerminal { terminal: 1, sure: false },
        { "type": "close_terminal", "terminal": 1, "sure": false };
    ClientMessage::RestartTerminal { .. } => ClientMessage::RestartTerminal { terminal: 1, sure: true },
        { "type": "restart_terminal", "terminal": 1, "sure": true };
    ClientMessage::Container { .. } => ClientMessage::Container { id: ID.to_owned(), action: ContainerAction::Stop },
        { "type": "container", "id": ID, "action": "stop" };
    ClientMessage::Drawn { .. } => ClientMessage::Drawn { terminal: 1, bytes: 5_000_000_000 },
        { "type": "drawn", "terminal": 1, "bytes": 5_000_000_000_u64 };
    ClientMessage::Run { .. } => ClientMessage::Run { terminal: 1, line: line(), how: RunHow::IfFree },
        { "type": "run", "terminal": 1, "line": { "h": 1, "v": 2, "block": 3, "line": 4 }, "how": "if_free" };
    ClientMessage::CancelRun { .. } => ClientMessage::CancelRun { terminal: 1 },
        { "type": "cancel_run", "terminal": 1 };
    ClientMessage::Alive => ClientMessage::Alive,
        { "type": "alive" };
});

golden!(what_the_server_says, ServerMessage {
    ServerMessage::Opened { .. } => ServerMessage::Opened { terminal: 1, replay: 4096 },
        { "type": "opened", "terminal": 1, "replay": 4096 };
    ServerMessage::Size { .. } => ServerMessage::Size { terminal: 1, rows: 24, cols: 80, leads: true },
        { "type": "size", "terminal": 1, "rows": 24, "cols": 80, "leads": true };
    ServerMessage::Terminals { .. } => ServerMessage::Terminals { open: vec![0, 2] },
        { "type": "terminals", "open": [0, 2] };
    ServerMessage::NoShell { .. } => ServerMessage::NoShell { terminal: 1, problem: problem() },
        { "type": "no_shell", "terminal": 1, "problem": { "code": "full", "message": "all places are taken" } };
    ServerMessage::StillRunning { .. } =>
        ServerMessage::StillRunning { terminal: 1, restart: false, commands: vec!["top".to_owned()] },
        { "type": "still_running", "terminal": 1, "restart": false, "commands": ["top"] };
    ServerMessage::ContainerDone { .. } =>
        ServerMessage::ContainerDone { id: ID.to_owned(), action: ContainerAction::Kill, problem: None },
        { "type": "container_done", "id": ID, "action": "kill", "problem": null };
    ServerMessage::Happened(_) => ServerMessage::Happened(Happened::HostReset),
        { "type": "happened", "what": "host_reset" };
    ServerMessage::Harbour(_) => ServerMessage::Harbour(Harbour::default()),
        { "type": "harbour", "containers": [], "images": [], "limits": { "memory": 0, "pids": 0, "millicpus": 0 } };
    ServerMessage::Place { .. } => ServerMessage::Place { terminal: 1, place: Place::Prompt },
        { "type": "place", "terminal": 1, "place": { "is": "prompt" } };
    ServerMessage::Line { .. } => ServerMessage::Line { terminal: 1, line: line(), state: LineState::Running },
        { "type": "line", "terminal": 1, "line": { "h": 1, "v": 2, "block": 3, "line": 4 }, "state": { "state": "running" } };
    ServerMessage::Refused { .. } => ServerMessage::Refused { problem: problem() },
        { "type": "refused", "problem": { "code": "full", "message": "all places are taken" } };
    ServerMessage::Alive => ServerMessage::Alive,
        { "type": "alive" };
});

golden!(what_happened, Happened {
    Happened::OutOfMemory { .. } => Happened::OutOfMemory { ended: Ended::Shell },
        { "what": "out_of_memory", "ended": "shell" };
    Happened::HostEnded => Happened::HostEnded, { "what": "host_ended" };
    Happened::HostReset => Happened::HostReset, { "what": "host_reset" };
});

golden!(what_was_ended, Ended {
    Ended::Container(_) => Ended::Container("web".to_owned()), { "container": "web" };
    Ended::InContainer(_) => Ended::InContainer("web".to_owned()), { "in_container": "web" };
    Ended::Process(_) => Ended::Process("python3".to_owned()), { "process": "python3" };
    Ended::Shell => Ended::Shell, "shell";
});

golden!(places, Place {
    Place::Unknown => Place::Unknown, { "is": "unknown" };
    Place::Prompt => Place::Prompt, { "is": "prompt" };
    Place::Busy { .. } => Place::Busy { command: "sleep 9".to_owned() }, { "is": "busy", "command": "sleep 9" };
    Place::Container { .. } => Place::Container { command: "docker run -it".to_owned(), name: Some("web".to_owned()) },
        { "is": "container", "command": "docker run -it", "name": "web" };
    Place::Foreign { .. } => Place::Foreign { command: "python3".to_owned() }, { "is": "foreign", "command": "python3" };
    Place::FullScreen { .. } => Place::FullScreen { command: "vi".to_owned() }, { "is": "full_screen", "command": "vi" };
    Place::Question { .. } => Place::Question { command: "read".to_owned() }, { "is": "question", "command": "read" };
});

golden!(when_to_run, RunHow {
    RunHow::IfFree => RunHow::IfFree, "if_free";
    RunHow::WhenFree => RunHow::WhenFree, "when_free";
    RunHow::Anyway => RunHow::Anyway, "anyway";
    RunHow::Replacing => RunHow::Replacing, "replacing";
});

golden!(states_of_lines, LineState {
    LineState::Held { .. } => LineState::Held { obstacle: Obstacle::Elsewhere { place: Place::Prompt } },
        { "state": "held", "obstacle": { "why": "elsewhere", "place": { "is": "prompt" } } };
    LineState::Waiting => LineState::Waiting, { "state": "waiting" };
    LineState::Running => LineState::Running, { "state": "running" };
    LineState::Done { .. } => LineState::Done { exit_code: Some(137) }, { "state": "done", "exit_code": 137 };
    LineState::Cancelled => LineState::Cancelled, { "state": "cancelled" };
});

golden!(obstacles, Obstacle {
    Obstacle::Elsewhere { .. } => Obstacle::Elsewhere { place: Place::Unknown },
        { "why": "elsewhere", "place": { "is": "unknown" } };
    Obstacle::Exists { .. } => Obstacle::Exists { container: "web".to_owned(), running: true },
        { "why": "exists", "container": "web", "running": true };
});

golden!(states_of_ships, ShipState {
    ShipState::Created => ShipState::Created, "created";
    ShipState::Running => ShipState::Running, "running";
    ShipState::Paused => ShipState::Paused, "paused";
    ShipState::Restarting => ShipState::Restarting, "restarting";
    ShipState::Exited => ShipState::Exited, "exited";
});

golden!(actions, ContainerAction {
    ContainerAction::Stop => ContainerAction::Stop, "stop";
    ContainerAction::Kill => ContainerAction::Kill, "kill";
    ContainerAction::Remove => ContainerAction::Remove, "remove";
});

golden!(problems, ProblemCode {
    ProblemCode::BadName => ProblemCode::BadName, "bad_name";
    ProblemCode::NoSession => ProblemCode::NoSession, "no_session";
    ProblemCode::NotInstructor => ProblemCode::NotInstructor, "not_instructor";
    ProblemCode::BadMessage => ProblemCode::BadMessage, "bad_message";
    ProblemCode::ForeignOrigin => ProblemCode::ForeignOrigin, "foreign_origin";
    ProblemCode::NotFound => ProblemCode::NotFound, "not_found";
    ProblemCode::TooLarge => ProblemCode::TooLarge, "too_large";
    ProblemCode::NotRunnable => ProblemCode::NotRunnable, "not_runnable";
    ProblemCode::HostFailed => ProblemCode::HostFailed, "host_failed";
    ProblemCode::NoShell => ProblemCode::NoShell, "no_shell";
    ProblemCode::NoContainer => ProblemCode::NoContainer, "no_container";
    ProblemCode::ContainerRefused => ProblemCode::ContainerRefused, "container_refused";
    ProblemCode::Full => ProblemCode::Full, "full";
    ProblemCode::Internal => ProblemCode::Internal, "internal";
});

golden!(states_of_images, ImageState {
    ImageState::Waiting => ImageState::Waiting, { "is": "waiting" };
    ImageState::Building { .. } => ImageState::Building { step: "apt".to_owned() }, { "is": "building", "step": "apt" };
    ImageState::Fetching { .. } => ImageState::Fetching { percent: Some(7) }, { "is": "fetching", "percent": 7 };
    ImageState::There => ImageState::There, { "is": "there" };
    ImageState::Built => ImageState::Built, { "is": "built" };
    ImageState::Pulled => ImageState::Pulled, { "is": "pulled" };
    ImageState::Missing { .. } => ImageState::Missing { reason: "no route".to_owned() },
        { "is": "missing", "reason": "no route" };
});

golden!(mentions, Mention {
    Mention::Slide { .. } => Mention::Slide { h: 1, v: 0, number: 5 }, { "slide": { "h": 1, "v": 0, "number": 5 } };
    Mention::Lab(_) => Mention::Lab("01-start".to_owned()), { "lab": "01-start" };
});

golden!(blocks, Block {
    Block::Heading { .. } => Block::Heading { level: 2, content: vec![Inline::Break] },
        { "Heading": { "level": 2, "content": ["Break"] } };
    Block::Paragraph(_) => Block::Paragraph(vec![Inline::Break]), { "Paragraph": ["Break"] };
    Block::List { .. } => Block::List { start: Some(3), items: vec![vec![Block::Rule]] },
        { "List": { "start": 3, "items": [["Rule"]] } };
    Block::Code(_) => Block::Code(CodeBlock {
            language: "bash".to_owned(),
            lines: vec![CodeLine { text: "$ ls".to_owned(), runnable: true, inside: false }],
            not_yet: Some(NotYet { reason: "soon".to_owned() }),
            index: 1,
        }),
        { "Code": {
            "language": "bash",
            "lines": [{ "text": "$ ls", "runnable": true, "inside": false }],
            "not_yet": { "reason": "soon" },
            "index": 1
        } };
    Block::Quote(_) => Block::Quote(vec![Block::Rule]), { "Quote": ["Rule"] };
    Block::Table { .. } => Block::Table { head: vec![vec![Inline::Break]], rows: vec![vec![vec![]]] },
        { "Table": { "head": [["Break"]], "rows": [[[]]] } };
    Block::Rule => Block::Rule, "Rule";
});

golden!(inlines, Inline {
    Inline::Text(_) => Inline::Text("Hafen".to_owned()), { "Text": "Hafen" };
    Inline::Code(_) => Inline::Code("ls".to_owned()), { "Code": "ls" };
    Inline::Emphasis(_) => Inline::Emphasis(vec![Inline::Break]), { "Emphasis": ["Break"] };
    Inline::Strong(_) => Inline::Strong(vec![Inline::Break]), { "Strong": ["Break"] };
    Inline::Strike(_) => Inline::Strike(vec![Inline::Break]), { "Strike": ["Break"] };
    Inline::Link { .. } => Inline::Link { href: "#/1".to_owned(), content: vec![Inline::Break] },
        { "Link": { "href": "#/1", "content": ["Break"] } };
    Inline::Image { .. } => Inline::Image { src: "wal.png".to_owned(), alt: "Wal".to_owned() },
        { "Image": { "src": "wal.png", "alt": "Wal" } };
    Inline::Break => Inline::Break, "Break";
});

#[test]
fn a_deck() {
    let step = Step { lines: vec![(2, 3), (5, 5)], caption: vec![Inline::Break] };
    let slide = Slide { title: "Eins".to_owned(), blocks: vec![Block::Rule], steps: vec![step] };
    let deck = Deck { title: "Hafen".to_owned(), lang: "de".to_owned(), slides: vec![vec![slide]] };
    let steps = json!([{ "lines": [[2, 3], [5, 5]], "caption": ["Break"] }]);
    let slide = json!({ "title": "Eins", "blocks": ["Rule"], "steps": steps });
    check(&deck, json!({ "title": "Hafen", "lang": "de", "slides": [[slide]] }));
}

#[test]
fn a_harbour() {
    let ship = Ship {
        id: ID.to_owned(),
        name: "web".to_owned(),
        image: "debian".to_owned(),
        command: "bash".to_owned(),
        state: ShipState::Exited,
        exit_code: Some(1),
        address: None,
    };
    let cargo = Cargo { name: "debian:latest".to_owned(), size: 100, own: true };
    let limits = Limits { memory: 1 << 30, pids: 512, millicpus: 1000 };
    let golden = json!({
        "containers": [{
            "id": ID, "name": "web", "image": "debian", "command": "bash", "state": "exited", "exit_code": 1, "address": null,
        }],
        "images": [{ "name": "debian:latest", "size": 100, "own": true }],
        "limits": { "memory": 1 << 30, "pids": 512, "millicpus": 1000 },
    });
    check(&Harbour { containers: vec![ship], images: vec![cargo], limits }, golden);
}

#[test]
fn a_session() {
    check(&Workshop { title: "Hafen".to_owned() }, json!({ "title": "Hafen" }));
    check(&Join { name: "Ada".to_owned() }, json!({ "name": "Ada" }));
    let session = Session { name: "Ada".to_owned(), workshop: "Hafen".to_owned(), host: "ada".to_owned() };
    check(&session, json!({ "name": "Ada", "workshop": "Hafen", "host": "ada" }));
    check(&problem(), json!({ "code": "full", "message": "all places are taken" }));
}

#[test]
fn the_instructors() {
    check(&Identify { key: "geheim".to_owned() }, json!({ "key": "geheim" }));
    let image = NeededImage { name: "debian:latest".to_owned(), places: vec![], state: ImageState::There };
    let online = OnlineLine { line: "apt-get update".to_owned(), places: vec![Mention::Lab("01-start".to_owned())] };
    let preflight = Preflight {
        workshop: "Hafen".to_owned(),
        running: true,
        internet: false,
        images: vec![image],
        online: vec![online],
        unread: vec!["labs/x: gone".to_owned()],
    };
    let golden = json!({
        "workshop": "Hafen", "running": true, "internet": false,
        "images": [{ "name": "debian:latest", "places": [], "state": { "is": "there" } }],
        "online": [{ "line": "apt-get update", "places": [{ "lab": "01-start" }] }],
        "unread": ["labs/x: gone"],
    });
    check(&preflight, golden);
}
