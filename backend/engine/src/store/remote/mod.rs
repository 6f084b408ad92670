//! Images from and to registries. The protocol itself is the crate `registry`'s; here it is decided what is fetched, kept and sent.

mod destination;
mod download;
mod kind;
mod outage;
mod progress;
mod provider;
mod pull;
mod push;
mod reach;

pub use progress::{Progress, ProgressStream};
pub use provider::Provider;
pub use reach::{RegistryConfig, RegistryRules};

pub(crate) use destination::Destination;
pub(crate) use download::Downloads;
pub(crate) use outage::Outage;
pub(crate) use pull::Pull;
pub(crate) use push::Push;
pub(crate) use reach::{Caller, Registries};
