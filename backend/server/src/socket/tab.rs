//! What one tab has open.

use super::bad_message;
use super::sender::Sender;
use crate::host::Berth;
use crate::terminal::{Hub, Shared, Size, View, Viewer};
use crate::workshop::Workshop;
use protocol::deck::LineAddress;
use protocol::message::{ClientMessage, ServerMessage};
use protocol::session::{Problem, ProblemCode};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

/// A tab, with the tasks that keep what it shows true.
pub(super) struct Tab {
    workshop: Arc<Workshop>,
    berth: Arc<Berth>,
    sender: Sender,
    terminals: HashMap<u8, Watched>,
    failures: mpsc::Sender<String>,
    failed: mpsc::Receiver<String>,
    tasks: JoinSet<()>,
}

/// A terminal that the tab watches.
struct Watched {
    hub: Arc<Hub>,
    viewer: u64,
    task: AbortHandle,
}

impl Tab {
    pub(super) fn new(workshop: Arc<Workshop>, berth: Arc<Berth>, sender: Sender) -> Self {
        let (failures, failed) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(show_harbour(berth.clone(), sender.clone()));
        Self { workshop, berth, sender, terminals: HashMap::new(), failures, failed, tasks }
    }

    /// Does what the tab asks for.
    pub(super) fn handle(&mut self, message: ClientMessage) -> Result<(), Problem> {
        match message {
            ClientMessage::Open { terminal, rows, cols } => self.open(terminal, Size::clamped(rows, cols)),
            ClientMessage::Resize { terminal, rows, cols } => {
                let watched = self.watched(terminal)?;
                watched.hub.resize(watched.viewer, Size::clamped(rows, cols));
                Ok(())
            }
            ClientMessage::Drawn { terminal, bytes } => {
                let watched = self.watched(terminal)?;
                watched.hub.drawn(watched.viewer, bytes);
                Ok(())
            }
            ClientMessage::Run { terminal, line } => self.run(terminal, line),
            // That it came is all that it says.
            ClientMessage::Alive => Ok(()),
        }
    }

    /// Types what a binary frame carries: the terminal's number, and then the bytes.
    pub(super) fn type_bytes(&self, frame: &[u8]) -> Result<(), Problem> {
        let (&terminal, bytes) = frame.split_first().ok_or_else(|| bad_message("a binary frame can't be empty"))?;
        self.watched(terminal)?.type_bytes(bytes)
    }

    /// Waits until a terminal is over; answers why. May be dropped while it waits.
    pub(super) async fn failed(&mut self) -> String {
        // A sender is in `self`: there is always one.
        self.failed.recv().await.unwrap_or_default()
    }

    fn open(&mut self, terminal: u8, size: Size) -> Result<(), Problem> {
        let hub = self.berth.terminals.open(terminal, size);
        let hub = hub.ok_or_else(|| bad_message(format!("there can't be a terminal {terminal}")))?;
        let viewer = Viewer::new(hub.clone());
        let id = viewer.id();
        hub.resize(id, size);
        let show = show_terminal(terminal, viewer, self.sender.clone(), self.failures.clone());
        let watched = Watched { hub, viewer: id, task: self.tasks.spawn(show) };
        self.terminals.insert(terminal, watched);
        Ok(())
    }

    fn run(&self, terminal: u8, line: LineAddress) -> Result<(), Problem> {
        let watched = self.watched(terminal)?;
        let Some(command) = self.workshop.deck.command(line) else {
            let message = "there is no command at that line of the deck".to_owned();
            return Err(Problem { code: ProblemCode::NotRunnable, message });
        };
        watched.type_bytes(format!("{command}\r").as_bytes())
    }

    fn watched(&self, terminal: u8) -> Result<&Watched, Problem> {
        self.terminals.get(&terminal).ok_or_else(|| bad_message(format!("terminal {terminal} is not open in this tab")))
    }
}

impl Watched {
    fn type_bytes(&self, bytes: &[u8]) -> Result<(), Problem> {
        self.hub.led_by(self.viewer);
        self.hub.type_bytes(bytes).map_err(|_| Problem {
            code: ProblemCode::TooLarge,
            message: "the terminal doesn't read what is typed: end its program first (Ctrl-C)".to_owned(),
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn show_terminal(terminal: u8, mut viewer: Viewer, sender: Sender, failures: mpsc::Sender<String>) {
    loop {
        match viewer.next().await {
            View::Opened { replay } => sender.message(&ServerMessage::Opened { terminal, replay }).await,
            View::Bytes(bytes) => sender.bytes(terminal, &bytes).await,
            View::Size(Shared { size: Size { rows, cols }, leads }) => {
                sender.message(&ServerMessage::Size { terminal, rows, cols, leads }).await;
            }
            View::Failed(why) => {
                // The tab has gone if nobody wants to know.
                let _gone = failures.send(why).await;
                return;
            }
        }
    }
}

async fn show_harbour(berth: Arc<Berth>, sender: Sender) {
    let mut harbour = berth.harbour.clone();
    harbour.mark_changed();
    while harbour.changed().await.is_ok() {
        let now = harbour.borrow_and_update().clone();
        sender.message(&ServerMessage::Harbour(now)).await;
    }
}
