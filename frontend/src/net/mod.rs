//! The way to the server.

mod frame;
mod http;
mod socket;

pub(crate) use http::{Failure, begin_preflight, deck, identify, join, preflight, session, workshop};
pub(crate) use socket::{Event, Socket, Status};
