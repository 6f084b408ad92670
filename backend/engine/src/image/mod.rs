//! Images: stored once per machine, tagged per virtual host.

mod archive;
mod blob;
mod catalogue;
mod compression;
mod config;
pub(crate) mod digest;
mod document;
mod garbage;
mod layer;
mod lookup;
mod mountpoints;
mod names;
mod pack;
pub mod recipe;
mod reference;
mod register;
mod remote;
mod size;
mod store;
#[cfg(test)]
mod testing;
mod unfinished;

pub use blob::{Blob, NewBlob};
pub use catalogue::Offer;
pub use config::{Image, ImageSummary, NewImage};
pub use document::{Defaults, Empty, History, ImageConfig, ImageHealthcheck, RootFs, Set};
pub use layer::Layer;
pub use reference::Reference;
pub use remote::{Progress, ProgressStream, RegistryConfig};
pub use store::Store;

pub(crate) use archive::Limits;
pub(crate) use compression::Compression;
pub(crate) use garbage::GRACE;
pub(crate) use pack::Pack;
pub(crate) use register::Names;
pub(crate) use remote::{Destination, Downloads, Pull, Push, Registries};
pub(crate) use store::CATALOGUE;
