//! The way to the server.

mod frame;
mod http;
mod socket;

pub(crate) use http::{Failure, begin_preflight, deck, identify, join, leave, preflight, reset, session, workshop};
pub(crate) use socket::{Event, Socket, Status};
