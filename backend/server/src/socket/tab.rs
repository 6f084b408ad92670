//! What one tab has open.

use super::bad_message;
use super::sender::Sender;
use crate::cli::{self, Docker};
use crate::host::Berth;
use crate::terminal::{Fanout, Press, Said, Shared, Size, View, Viewer};
use crate::workshop::Workshop;
use engine::ErrorKind;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use protocol::deck::LineAddress;
use protocol::harbour::{ContainerAction, Harbour};
use protocol::message::{ClientMessage, Happened, ServerMessage};
use protocol::place::{LineState, Place, RunHow};
use protocol::session::{Problem, ProblemCode};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{broadcast, watch};
use tokio::task::{AbortHandle, JoinSet};

/// A tab, with the tasks that keep what it shows true.
pub(super) struct Tab {
    workshop: Arc<Workshop>,
    berth: Arc<Berth>,
    sender: Sender,
    terminals: HashMap<u8, Watched>,
    tasks: JoinSet<()>,
}

/// A terminal that the tab watches.
struct Watched {
    fanout: Arc<Fanout>,
    viewer: u64,
    tasks: [AbortHandle; 3],
}

impl Tab {
    pub(super) fn new(workshop: Arc<Workshop>, berth: Arc<Berth>, sender: Sender) -> Self {
        let mut tasks = JoinSet::new();
        tasks.spawn(show_terminals(berth.terminals.numbers(), sender.clone()));
        tasks.spawn(show_harbour(berth.harbour(), sender.clone()));
        tasks.spawn(tell_happened(berth.happened(), sender.clone()));
        Self { workshop, berth, sender, terminals: HashMap::new(), tasks }
    }

    /// Does what the tab asks for.
    pub(super) fn handle(&mut self, message: ClientMessage) -> Result<(), Problem> {
        match message {
            ClientMessage::Open { terminal, rows, cols } => self.open(terminal, Size::clamped(rows, cols)),
            ClientMessage::Resize { terminal, rows, cols } => {
                let watched = self.watched(terminal)?;
                watched.fanout.resize(watched.viewer, Size::clamped(rows, cols));
                Ok(())
            }
            ClientMessage::Drawn { terminal, bytes } => {
                let watched = self.watched(terminal)?;
                watched.fanout.drawn(watched.viewer, bytes);
                Ok(())
            }
            ClientMessage::CloseTerminal { terminal, sure } => self.end(terminal, false, sure),
            ClientMessage::RestartTerminal { terminal, sure } => self.end(terminal, true, sure),
            ClientMessage::Run { terminal, line, how } => self.run(terminal, line, how),
            ClientMessage::CancelRun { terminal } => {
                self.watched(terminal)?.fanout.cancel_run();
                Ok(())
            }
            ClientMessage::Container { id, action } => self.act(id, action),
            // That it came is all that it says.
            ClientMessage::Alive => Ok(()),
        }
    }

    /// Types what a binary frame carries: the terminal's number, and then the bytes.
    pub(super) fn type_bytes(&self, frame: &[u8]) -> Result<(), Problem> {
        let (&terminal, bytes) = frame.split_first().ok_or_else(|| bad_message("a binary frame can't be empty"))?;
        self.watched(terminal)?.type_bytes(bytes)
    }

    fn open(&mut self, terminal: u8, size: Size) -> Result<(), Problem> {
        let fanout = self.berth.terminals.open(terminal, size);
        let fanout = fanout.ok_or_else(|| bad_message(format!("there can't be a terminal {terminal}")))?;
        let viewer = Viewer::new(fanout.clone());
        let id = viewer.id();
        fanout.resize(id, size);
        let show = show_terminal(terminal, viewer, self.sender.clone());
        let watched = Watched {
            viewer: id,
            tasks: [
                self.tasks.spawn(show),
                self.tasks.spawn(show_place(terminal, fanout.places(), self.sender.clone())),
                self.tasks.spawn(show_lines(terminal, fanout.said(), self.sender.clone())),
            ],
            fanout,
        };
        self.terminals.insert(terminal, watched);
        Ok(())
    }

    /// Closes or restarts a terminal, which takes a while; the tab need not wait for it.
    fn end(&self, terminal: u8, restart: bool, sure: bool) -> Result<(), Problem> {
        self.watched(terminal)?;
        let (berth, sender) = (self.berth.clone(), self.sender.clone());
        // Not one of the tab's: what has begun goes on without it.
        tokio::spawn(async move {
            match end(&berth, terminal, restart, sure).await {
                Ok(commands) if commands.is_empty() => {}
                Ok(commands) => sender.message(&ServerMessage::StillRunning { terminal, restart, commands }).await,
                Err(error) => {
                    tracing::error!(terminal, %error, "a terminal can't be ended");
                    let problem = Problem { code: ProblemCode::Internal, message: error.message };
                    sender.message(&ServerMessage::Refused { problem }).await;
                }
            }
        });
        Ok(())
    }

    /// Does something with a container; the tab need not wait for it.
    fn act(&self, id: String, action: ContainerAction) -> Result<(), Problem> {
        let Ok(place) = self.berth.actions.clone().try_acquire_owned() else {
            let message = "too much is being done with containers at once".to_owned();
            return Err(Problem { code: ProblemCode::TooLarge, message });
        };
        let (berth, sender) = (self.berth.clone(), self.sender.clone());
        // Not one of the tab's: what has begun goes on without it.
        tokio::spawn(async move {
            let done = berth.containers.act(&id, action).await;
            let problem = done.err().map(|error| Problem { code: code_of(error.kind), message: error.message });
            drop(place);
            sender.message(&ServerMessage::ContainerDone { id, action, problem }).await;
        });
        Ok(())
    }

    fn run(&self, terminal: u8, line: LineAddress, how: RunHow) -> Result<(), Problem> {
        let watched = self.watched(terminal)?;
        let Some(command) = self.workshop.deck.command(line) else {
            let message = "there is no command at that line of the deck".to_owned();
            return Err(Problem { code: ProblemCode::NotRunnable, message });
        };
        let creates =
            cli::commands(&command.text).iter().find_map(|words| Docker::read(words)?.creates().map(str::to_owned));
        watched.fanout.led_by(watched.viewer);
        watched.fanout.press(Press { line, command: command.text.clone(), inside: command.inside, creates, how });
        Ok(())
    }

    fn watched(&self, terminal: u8) -> Result<&Watched, Problem> {
        self.terminals.get(&terminal).ok_or_else(|| bad_message(format!("terminal {terminal} is not open in this tab")))
    }
}

impl Watched {
    fn type_bytes(&self, bytes: &[u8]) -> Result<(), Problem> {
        self.fanout.led_by(self.viewer);
        self.fanout.type_bytes(bytes).map_err(|_| Problem {
            code: ProblemCode::TooLarge,
            message: "the terminal doesn't read what is typed: end its program first (Ctrl-C)".to_owned(),
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// What went wrong with a container, for the page.
fn code_of(kind: ErrorKind) -> ProblemCode {
    match kind {
        ErrorKind::NotFound => ProblemCode::NoContainer,
        ErrorKind::Conflict | ErrorKind::InvalidParameter => ProblemCode::ContainerRefused,
        _ => ProblemCode::Internal,
    }
}

/// Answers what would be lost, unless it is done.
async fn end(berth: &Berth, terminal: u8, restart: bool, sure: bool) -> engine::Result<Vec<String>> {
    let terminals = &berth.terminals;
    let commands = if sure { Vec::new() } else { terminals.commands(terminal).await? };
    if commands.is_empty() {
        if restart { terminals.restart(terminal).await? } else { terminals.close(terminal).await? }
    }
    Ok(commands)
}

async fn show_terminals(mut numbers: watch::Receiver<Vec<u8>>, sender: Sender) {
    numbers.mark_changed();
    while numbers.changed().await.is_ok() {
        let open = numbers.borrow_and_update().clone();
        sender.message(&ServerMessage::Terminals { open }).await;
    }
}

async fn show_terminal(terminal: u8, mut viewer: Viewer, sender: Sender) {
    loop {
        match viewer.next().await {
            View::Opened { replay } => sender.message(&ServerMessage::Opened { terminal, replay }).await,
            View::Bytes(bytes) => sender.bytes(terminal, &bytes).await,
            View::Size(Shared { size: Size { rows, cols }, leads }) => {
                sender.message(&ServerMessage::Size { terminal, rows, cols, leads }).await;
            }
            View::Failed(error) => {
                let gone = error.kind == ErrorKind::NotFound;
                let code = if gone { ProblemCode::NoShell } else { ProblemCode::HostFailed };
                let problem = Problem { code, message: error.message.clone() };
                sender.message(&ServerMessage::NoShell { terminal, problem }).await;
            }
            View::Closed => return,
        }
    }
}

async fn show_place(terminal: u8, mut places: watch::Receiver<Place>, sender: Sender) {
    places.mark_changed();
    while places.changed().await.is_ok() {
        let place = places.borrow_and_update().clone();
        sender.message(&ServerMessage::Place { terminal, place }).await;
    }
}

/// Tells of lines that go on, and of what becomes of lines from now on: a tab that comes late has no use for old ends.
async fn show_lines(terminal: u8, mut said: watch::Receiver<Said>, sender: Sender) {
    let (mut told, mut is_first) = (said.borrow().count, true);
    said.mark_changed();
    while said.changed().await.is_ok() {
        let Said { lines, count } = said.borrow_and_update().clone();
        for (number, line, state) in lines {
            let goes_on = matches!(state, LineState::Waiting | LineState::Running);
            if number > told || is_first && goes_on {
                sender.message(&ServerMessage::Line { terminal, line, state }).await;
            }
        }
        (told, is_first) = (count, false);
    }
}

async fn show_harbour(mut harbour: BoxStream<'static, Harbour>, sender: Sender) {
    while let Some(now) = harbour.next().await {
        sender.message(&ServerMessage::Harbour(now)).await;
    }
}

async fn tell_happened(mut happened: broadcast::Receiver<Happened>, sender: Sender) {
    loop {
        match happened.recv().await {
            Ok(what) => sender.message(&ServerMessage::Happened(what)).await,
            // More than a tab takes is more than anybody reads.
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}
