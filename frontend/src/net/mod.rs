//! The way to the server.

mod frame;
mod http;
mod socket;

pub(crate) use http::{Failure, deck, join, session};
pub(crate) use socket::{Event, Socket, Status};
