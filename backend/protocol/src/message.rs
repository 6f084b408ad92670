//! Messages on the WebSocket. Text frames are JSON of these types; binary frames are terminal bytes.
//!
//! A binary frame is one byte (the terminal's number) and then the bytes: from the server what the terminal shows,
//! from the browser what was typed. For back-pressure the browser acknowledges what it has drawn; the server sends no
//! more than [`WINDOW`] bytes ahead of that.
//!
//! The server says [`ServerMessage::Alive`] every [`ALIVE`], and the browser answers it. Whoever hears nothing for [`SILENCE`] takes
//! the line for dead: a page can't see WebSocket's own pings, and a network that is gone tells nobody.

use crate::deck::LineAddress;
use crate::harbour::{ContainerAction, Harbour};
use crate::place::{LineState, Place, RunHow};
use crate::session::Problem;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Bytes of terminal output that may be on their way, unacknowledged.
pub const WINDOW: usize = 256 * 1024;

/// Largest frame that the server accepts, in bytes. Longer pastes are cut into several.
pub const MAX_CLIENT_FRAME: usize = 64 * 1024;

/// How often the server says that it is there.
pub const ALIVE: Duration = Duration::from_secs(4);

/// A line on which nothing came for so long is dead: two times [`ALIVE`], and something for a slow line.
pub const SILENCE: Duration = Duration::from_secs(10);

/// Terminals that a virtual host may have at once. They are numbered from 0.
pub const MAX_TERMINALS: u8 = 5;

/// From the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Show me this terminal (made if it isn't there). Answered with [`ServerMessage::Opened`].
    Open { terminal: u8, rows: u16, cols: u16 },
    /// Now I have room for that much. It counts while this tab is the one where somebody typed last: [`ServerMessage::Size`].
    Resize { terminal: u8, rows: u16, cols: u16 },
    /// End this terminal's shell with all that was begun in it, and the terminal; the last one stays. If something runs in it, it is
    /// only done if the learner is `sure`, and otherwise answered with [`ServerMessage::StillRunning`].
    CloseTerminal { terminal: u8, sure: bool },
    /// The same, but for a new shell in it.
    RestartTerminal { terminal: u8, sure: bool },
    /// Stop, kill or remove a container of that id. Answered with [`ServerMessage::ContainerDone`] when that is over.
    Container { id: String, action: ContainerAction },
    /// So many bytes of output, counted from [`ServerMessage::Opened`], have been drawn.
    Drawn { terminal: u8, bytes: u64 },
    /// Type this line of the deck into the terminal. Answered with [`ServerMessage::Line`].
    Run { terminal: u8, line: LineAddress, how: RunHow },
    /// Don't type the line that waits for the terminal.
    CancelRun { terminal: u8 },
    /// I am there. The answer to [`ServerMessage::Alive`], not by a clock of the page's own: browsers slow those down in hidden tabs.
    Alive,
}

/// From the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The terminal is there; the screen is to be cleared, and the next `replay` bytes are old output that restores
    /// it: answers of the terminal emulator to them must not be sent. Counting of [`ClientMessage::Drawn`] restarts at 0.
    /// Also sent unasked when a reader fell so far behind that it starts over, and after a shell has ended and a new one begun.
    Opened { terminal: u8, replay: u64 },
    /// The terminal's size: of the tab where somebody typed last, which `leads`. Sent after [`Self::Opened`] and after every change; only
    /// the tab that leads is to answer what programs ask of the terminal.
    Size { terminal: u8, rows: u16, cols: u16, leads: bool },
    /// The terminals that there are, in order; sent at the start and after every change.
    Terminals { open: Vec<u8> },
    /// The terminal has no shell, and none can be begun, until it is restarted.
    NoShell { terminal: u8, problem: Problem },
    /// The terminal was not closed, or restarted: these command lines run in it.
    StillRunning { terminal: u8, restart: bool, commands: Vec<String> },
    /// [`ClientMessage::Container`] is over; without a problem it has worked.
    ContainerDone { id: String, action: ContainerAction, problem: Option<Problem> },
    /// Something that the learner didn't ask for, or another tab did.
    Happened(Happened),
    /// What is on the virtual host now; sent at the start and after every change.
    Harbour(Harbour),
    /// Where the terminal is; sent after [`Self::Opened`] and after every change.
    Place { terminal: u8, place: Place },
    /// How a line of the deck is doing that somebody had typed. All tabs of the session hear of it.
    Line { terminal: u8, line: LineAddress, state: LineState },
    /// The last message didn't work.
    Refused { problem: Problem },
    /// I am there.
    Alive,
}

/// What a learner is told of, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happened {
    /// Memory was used up, and something was ended for it.
    OutOfMemory { ended: Ended },
    /// The virtual host has ended by itself. It begins again; its containers are stopped, their files are there.
    HostEnded,
    /// The virtual host was set up anew: what was on the old one is gone.
    HostReset,
}

/// What was ended because memory was used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The container of that name.
    Container(String),
    /// A process in the container of that name, which had used up as much as it was allowed.
    InContainer(String),
    /// What ran in the workstation, as it was called.
    Process(String),
    /// A shell of the workstation.
    Shell,
}
