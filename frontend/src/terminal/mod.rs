//! The instrument: xterm.js, fed by the server.

mod contrast;
mod feed;
mod head;
mod keys;
mod list;
mod palette;
mod room;
mod screen;
mod screen_view;
mod screens;
mod view;
mod xterm;

pub(crate) use list::TerminalList;
pub(crate) use screen::{Key, Screen};
pub(crate) use screens::Screens;
pub(crate) use view::{Ask, TerminalView};
