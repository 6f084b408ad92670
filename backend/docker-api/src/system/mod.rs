//! `/_ping`, `/version`, `/info`, `/events`, and plugins, of which there are none.

mod auth;
mod df;
mod events;
mod info;
mod ping;
mod plugins;
pub(crate) mod prune;
mod version;

pub(crate) use auth::auth;
pub(crate) use df::df;
pub(crate) use events::events;
pub(crate) use info::info;
pub(crate) use ping::ping;
pub(crate) use plugins::{no_such_plugin, plugins};
pub(crate) use version::version;
