//! The deck: the paper.

mod block;
mod code;
mod inline;
mod keys;
mod location;
mod position;
mod slide;
mod view;

pub(crate) use keys::{Command, command};
pub(crate) use location::use_position;
pub(crate) use position::{Move, Position};
pub(crate) use view::DeckView;
