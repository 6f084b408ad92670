//! Sessions: one participant each, known again by a cookie.

mod name;
mod store;
mod token;

pub(crate) use name::{check_name, host_name};
pub(crate) use store::{JoinError, Session, Sessions};
pub(crate) use token::Token;
