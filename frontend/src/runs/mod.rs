//! The deck's lines on their way into a terminal: what stands beside them, and what is asked when one would go astray.

mod handle;
mod line;
mod panel;
mod place;
mod state;

pub(crate) use handle::{Choice, RunsHandle, use_runs};
pub(crate) use line::LineSign;
pub(crate) use panel::RunPanel;
pub(crate) use place::{place_now, suits};
pub(crate) use state::{Runs, Told};
