//! Images from and to registries. The protocol itself is the crate `registry`'s; here it is decided what is fetched, kept and sent.

mod download;
mod pull;
mod push;
mod progress;
mod reach;

pub use progress::{Progress, ProgressStream};
pub use pull::PullRequest;
pub use push::PushRequest;

pub(crate) use download::Downloads;
pub(crate) use reach::{Reach, Registries};
