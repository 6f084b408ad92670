//! Instructions of a Dockerfile, read as Docker reads them; errors in its words.
//!
//! Here are those that `docker commit --change` and `docker import --change` know.

mod change;
mod duration;
mod expand;
mod expose;
mod flags;
mod health;
mod line;

pub(crate) use change::apply;
