//! What is shown as a whole.

mod connection;
mod instructor;
mod loading;
mod start;
mod workshop;

pub(crate) use instructor::Instructor;
pub(crate) use loading::Loading;
pub(crate) use start::Start;
pub(crate) use workshop::Workshop;
