//! Sessions: one participant each, known again by a cookie.

mod database;
mod name;
mod old;
mod store;
mod token;

pub(crate) use store::{JoinError, Session, Sessions};
pub(crate) use token::Token;
