//! What a workshop needs of images, before anybody is in the room.
//!
//! The deck says it: which images its commands run and pull, which its Dockerfiles and Compose files begin with. What is missing is
//! built of Debian's packages if there is a recipe, and fetched from its registry otherwise.

mod command;
mod file;
mod needs;
mod provide;

pub(crate) use needs::{Need, needs};
pub(crate) use provide::{Outcome, provide};
