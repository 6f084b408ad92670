//! What is shown as a whole.

mod connection;
mod loading;
mod start;
mod workshop;

pub(crate) use loading::Loading;
pub(crate) use start::Start;
pub(crate) use workshop::Workshop;
