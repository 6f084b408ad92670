//! Images: stored once per machine, tagged per virtual host.

mod ancestry;
mod archive;
mod blob;
mod catalogue;
mod chain;
mod compression;
mod config;
pub(crate) mod digest;
mod document;
mod garbage;
mod history;
mod layer;
mod layout;
mod load;
mod lookup;
mod mountpoints;
mod names;
mod pack;
mod platform;
pub mod recipe;
mod reference;
mod register;
mod remote;
mod remove;
mod save;
mod size;
mod store;
#[cfg(test)]
mod testing;
mod unfinished;

pub use blob::{Blob, NewBlob};
pub use catalogue::Offer;
pub use config::{Image, ImageSummary, NewImage};
pub use document::{Defaults, Empty, History, ImageConfig, ImageHealthcheck, RootFs, Set};
pub use history::HistoryStep;
pub use layer::Layer;
pub use load::Loaded;
pub use platform::Platform;
pub use reference::{Reference, shown_name};
pub use registry::{Dial, Dialing, Stream};
pub use remote::{Progress, ProgressStream, Provider, RegistryConfig};
pub use remove::{RemoveOptions, Removed};
pub use save::SavedImages;
pub use store::Store;

pub(crate) use archive::Limits;
pub(crate) use compression::Compression;
pub(crate) use document::MOST_LAYERS;
pub(crate) use garbage::GRACE;
pub(crate) use layer::TakenIn;
pub(crate) use pack::Pack;
pub(crate) use reference::DOCKER_HUB;
pub(crate) use register::Names;
pub(crate) use remote::{Destination, Downloads, Pull, Push, Registries};
pub(crate) use remove::User;
pub(crate) use store::CATALOGUE;
