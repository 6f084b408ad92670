//! The instrument: xterm.js, fed by the server.

mod contrast;
mod feed;
mod keys;
mod palette;
mod room;
mod screen;
mod view;
mod xterm;

pub(crate) use screen::{Key, Screen};
pub(crate) use view::TerminalView;
