//! The messages between browser and server: plain data, no IO. Compiles to wasm.

pub mod deck;
pub mod harbour;
pub mod instructor;
pub mod message;
pub mod place;
pub mod session;

pub use deck::Deck;
pub use message::{ClientMessage, ServerMessage};
