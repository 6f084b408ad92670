//! The way from a slide's lines to what is known of them, past all that lies between.

use super::Runs;
use protocol::deck::LineAddress;
use protocol::place::RunHow;
use std::rc::Rc;
use yew::prelude::*;

/// What a reader chooses to do with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    Run(RunHow),
    /// End what runs (Ctrl-C); the line follows.
    Interrupt,
    /// Leave what has a prompt of its own (Ctrl-D); the line follows.
    Leave,
    /// Run it in another terminal.
    Beside,
    /// Don't type the line that waits.
    Cancel,
    /// Type nothing.
    Close,
}

/// As the workshop's page provides it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RunsHandle {
    pub(crate) runs: Rc<Runs>,
    /// The terminal in front.
    pub(crate) terminal: u8,
    /// There is another terminal that is free, or room for one.
    pub(crate) has_beside: bool,
    pub(crate) on_choice: Callback<(LineAddress, Choice)>,
}

#[hook]
pub(crate) fn use_runs() -> RunsHandle {
    use_context().unwrap_or_default()
}
