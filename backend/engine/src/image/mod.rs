//! Images: stored once per machine, tagged per virtual host.

mod config;

pub use config::{Image, ImageSummary};
