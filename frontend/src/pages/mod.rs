//! What is shown as a whole.

mod connection;
mod host;
mod instructor;
mod lines;
mod loading;
mod start;
mod terminals;
mod workshop;

pub(crate) use instructor::Instructor;
pub(crate) use loading::Loading;
pub(crate) use start::{After, Start};
pub(crate) use workshop::Workshop;
