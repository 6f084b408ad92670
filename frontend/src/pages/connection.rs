//! What comes over the WebSocket, as state of the workshop's page.

use crate::net::{Event, Socket, Status};
use crate::runs::{Runs, Told};
use crate::terminal::{Screens, TerminalList};
use protocol::harbour::{ContainerAction, Harbour};
use protocol::message::Happened;
use protocol::session::{Problem, ProblemCode};
use protocol::{ClientMessage, ServerMessage};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Connection {
    pub(super) socket: Socket,
    pub(super) screens: Screens,
    pub(super) status: Status,
    pub(super) shown: Rc<Shown>,
    pub(super) change: Callback<Change>,
    /// Where the terminals are, and how lines of the deck are doing.
    pub(super) runs: UseReducerHandle<Runs>,
}

impl Connection {
    /// Has something done with a container.
    pub(super) fn act(&self, id: String, action: ContainerAction) {
        if self.socket.send(&ClientMessage::Container { id: id.clone(), action }) {
            self.change.emit(Change::Acting(id, action));
        }
    }
}

/// What the server has told, and what the reader has chosen of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Shown {
    /// `None` before the server has told.
    pub(super) harbour: Option<Rc<Harbour>>,
    pub(super) terminals: TerminalList,
    /// The terminals that have no shell, and why.
    pub(super) no_shell: BTreeMap<u8, Problem>,
    /// A terminal was not ended: the reader is to be asked first.
    pub(super) still_running: Option<StillRunning>,
    /// What is being done with containers, by their ids.
    pub(super) acting: BTreeMap<String, ContainerAction>,
    /// What the server refused last, until it is read.
    pub(super) refusal: Option<Problem>,
    /// What happened last, until it is read.
    pub(super) happened: Option<Happened>,
    /// Why there is no host.
    pub(super) no_host: Option<Problem>,
    /// How often something was typed that a broken line could not take.
    pub(super) not_typed: u32,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct StillRunning {
    pub(super) terminal: u8,
    /// Whether it is to be restarted, or else closed.
    pub(super) restart: bool,
    pub(super) commands: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    Told(ServerMessage),
    /// Whether there is a line has changed.
    Line,
    Choose(u8),
    New,
    /// Something is being done with a container.
    Acting(String, ContainerAction),
    /// Something was typed that a broken line could not take.
    NotTyped,
    /// The reader has answered whether a terminal is to end.
    Answered,
    /// The reader has read what was refused.
    Read,
}

impl Reducible for Shown {
    type Action = Change;

    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        let mut next = (*self).clone();
        match change {
            Change::Told(message) => next.told(message),
            // What was asked for on another line isn't answered on this one.
            Change::Line => {
                next.acting.clear();
                next.still_running = None;
            }
            Change::Acting(id, action) => drop(next.acting.insert(id, action)),
            Change::Choose(terminal) => next.terminals = next.terminals.choose(terminal),
            Change::New => next.terminals = next.terminals.with_new(),
            Change::NotTyped => next.not_typed += 1,
            Change::Answered => next.still_running = None,
            Change::Read => (next.refusal, next.happened) = (None, None),
        }
        Rc::new(next)
    }
}

impl Shown {
    fn told(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Terminals { open } => self.terminals = self.terminals.told(&open),
            ServerMessage::Opened { terminal, .. } => drop(self.no_shell.remove(&terminal)),
            ServerMessage::NoShell { terminal, problem } => drop(self.no_shell.insert(terminal, problem)),
            ServerMessage::StillRunning { terminal, restart, commands } => {
                self.still_running = Some(StillRunning { terminal, restart, commands });
            }
            ServerMessage::ContainerDone { id, problem, .. } => {
                self.acting.remove(&id);
                self.refusal = problem.or(self.refusal.take());
            }
            ServerMessage::Harbour(harbour) => {
                self.harbour = Some(Rc::new(harbour));
                self.no_host = None;
            }
            ServerMessage::Refused { problem } if problem.code == ProblemCode::HostFailed => {
                self.no_host = Some(problem);
            }
            ServerMessage::Refused { problem } => self.refusal = Some(problem),
            ServerMessage::Happened(what) => self.happened = Some(what),
            // The terminal knows of it, and the deck's lines do.
            ServerMessage::Size { .. } | ServerMessage::Place { .. } | ServerMessage::Line { .. } => {}
            // The socket answers it.
            ServerMessage::Alive => {}
        }
    }
}

/// Connects as long as the component lives.
#[hook]
pub(super) fn use_connection() -> Connection {
    let socket = use_memo((), |()| Socket::new());
    let screens = use_memo((), |()| Screens::new((*socket).clone()));
    let status = use_state_eq(|| Status::Connecting);
    let shown = use_reducer(Shown::default);
    let runs = use_reducer_eq(Runs::default);
    {
        let told = runs.dispatcher();
        let (socket, screens) = ((*socket).clone(), (*screens).clone());
        let (status, shown) = (status.setter(), shown.dispatcher());
        use_effect_with((), move |()| {
            let drawn = screens.clone();
            socket.open(Callback::from(move |event| match event {
                Event::Status(now) => {
                    drawn.wait();
                    status.set(now);
                    shown.dispatch(Change::Line);
                }
                Event::NotTyped => shown.dispatch(Change::NotTyped),
                Event::Output { terminal, bytes } => drawn.output(terminal, &bytes),
                Event::Message(message) => {
                    match &message {
                        ServerMessage::Opened { terminal, replay } => drawn.opened(*terminal, *replay),
                        ServerMessage::Size { terminal, rows, cols, leads } => {
                            drawn.sized(*terminal, *rows, *cols, *leads);
                        }
                        ServerMessage::Terminals { open } => drawn.told(open),
                        ServerMessage::Place { terminal, place } => {
                            told.dispatch(Told::Place(*terminal, place.clone()))
                        }
                        ServerMessage::Line { terminal, line, state } => {
                            told.dispatch(Told::Line(*terminal, *line, state.clone()));
                        }
                        _ => {}
                    }
                    shown.dispatch(Change::Told(message));
                }
            }));
            move || {
                socket.close();
                screens.retain(&[]);
            }
        });
    }
    {
        let screens = (*screens).clone();
        use_effect_with(shown.terminals.open().to_vec(), move |open| screens.retain(open));
    }
    let change = use_callback(shown.dispatcher(), |change, shown| shown.dispatch(change));
    Connection {
        socket: (*socket).clone(),
        screens: (*screens).clone(),
        status: *status,
        shown: Rc::new((*shown).clone()),
        change,
        runs,
    }
}
