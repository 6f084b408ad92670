//! What a workshop needs of images, before anybody is in the room.
//!
//! Deck and labs say it: which images their commands run and pull, which their Dockerfiles and Compose files begin with. What is
//! missing is built of Debian's packages if there is a recipe, and fetched from its registry otherwise.

mod command;
mod file;
mod internet;
mod labs;
mod needs;
mod plan;
mod provide;
mod snippet;
mod watched;

pub(crate) use needs::Need;
pub(crate) use plan::Plan;
pub(crate) use provide::provide;
pub(crate) use watched::Preflight;
