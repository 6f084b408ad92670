//! Workshops: sessions, decks and terminals, and the page that shows them.
//!
//! The engine makes the virtual hosts and the Docker API serves them; this crate is what a workshop needs around them.

mod cli;
pub mod command;
pub mod config;
mod containers;
pub mod deck;
mod happened;
mod harbour;
mod host;
mod instructor;
pub mod machine;
mod preflight;
pub mod registry;
mod roles;
mod room;
mod session;
mod socket;
mod terminal;
#[cfg(test)]
mod testing;
pub mod web;
pub mod workshop;
