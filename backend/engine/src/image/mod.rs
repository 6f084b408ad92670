//! Images: stored once per machine, tagged per virtual host.

mod archive;
mod config;
mod digest;
mod lookup;
mod mountpoints;
pub mod recipe;
mod reference;
mod store;
#[cfg(test)]
mod testing;
mod unfinished;

pub use config::{Image, ImageSummary, NewImage};
pub use reference::Reference;
pub use store::Store;
