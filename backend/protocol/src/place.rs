//! Where a terminal is, and what becomes of a line of the deck that is to be typed there.

use serde::{Deserialize, Serialize};

/// What would get a line that is typed now. `command` is what runs there, as it was called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Place {
    /// It can't be known: the shell is only beginning, or its host is older than this question.
    #[default]
    Unknown,
    /// The workstation's shell, which waits for a command.
    Prompt,
    /// A command runs that asks for nothing.
    Busy { command: String },
    /// A container: `command` is the `docker` that leads there, `name` the container's where that says it.
    Container { command: String, name: Option<String> },
    /// Another program that reads keys, and may have a prompt of its own: Python.
    Foreign { command: String },
    /// A program that has the whole screen, and reads keys: an editor.
    FullScreen { command: String },
    /// A command waits for a line of input.
    Question { command: String },
}

/// When to type a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunHow {
    /// If it gets where it belongs; otherwise it is [`LineState::Held`].
    IfFree,
    /// As soon as it gets where it belongs.
    WhenFree,
    /// Now, whoever gets it.
    Anyway,
    /// As [`Self::IfFree`], after removing the container whose name the line gives away again.
    Replacing,
}

/// How a line is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LineState {
    /// It was not typed.
    Held {
        obstacle: Obstacle,
    },
    /// It is typed when the terminal is free.
    Waiting,
    Running,
    /// `exit_code` is `None` where no shell of ours tells: within a container, for one.
    Done {
        exit_code: Option<i32>,
    },
    /// It was not typed, or how it ended can't be known.
    Cancelled,
}

/// Why a line was not typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Obstacle {
    /// The terminal is here, and the line belongs elsewhere.
    Elsewhere { place: Place },
    /// A container has the name already that the line gives away.
    Exists { container: String, running: bool },
}
