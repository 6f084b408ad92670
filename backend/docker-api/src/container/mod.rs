//! `/containers`, each verb in a file of its own.

mod attach;
mod config;
mod create;
mod host_config;
mod inspect;
mod kill;
mod list;
mod logs;
mod networks;
mod refused;
mod remove;
mod resize;
mod restart;
mod start;
mod stop;
mod wait;

pub(crate) use attach::attach;
pub(crate) use create::create;
pub(crate) use inspect::{GraphDriver, inspect};
pub(crate) use kill::kill;
pub(crate) use list::list;
pub(crate) use logs::logs;
pub(crate) use refused::RUNTIME;
pub(crate) use remove::remove;
pub(crate) use resize::resize;
pub(crate) use restart::restart;
pub(crate) use start::start;
pub(crate) use stop::stop;
pub(crate) use wait::wait;
