//! `/_ping`, `/version`, `/info`, `/events`, and plugins, of which there are none.

mod events;
mod info;
mod ping;
mod plugins;
mod version;

pub(crate) use events::events;
pub(crate) use info::info;
pub(crate) use ping::ping;
pub(crate) use plugins::{no_such_plugin, plugins};
pub(crate) use version::version;
