//! Sessions: one participant each, known again by a cookie.

mod name;
mod schema;
mod store;
mod token;

pub(crate) use store::{JoinError, Session, Sessions};
pub(crate) use token::Token;
