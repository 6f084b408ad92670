//! The images of a virtual host: every verb in a file of its own. What they are made of is the machine's, in its store.

mod event;
mod filter;
mod history;
mod import;
mod list;
mod load;
mod login;
mod path_match;
mod prune;
mod pull;
mod push;
mod remove;
mod save;
mod search;
mod tag;
mod transfers;

pub use crate::store::recipe;
pub use crate::store::{
    Blob, Defaults, Dial, Dialing, Empty, Found, Healthcheck, History, HistoryStep, Image, ImageConfig, ImageSummary,
    Layer, Loaded, NewBlob, NewImage, Offer, Platform, Progress, ProgressStream, Provider, Reference, RegistryConfig,
    RegistryRules, RemoveOptions, Removed, RootFs, SavedImages, Set, Store, Stream, shown_name,
};
pub use filter::ImageFilter;
pub use import::Import;
pub use login::Credentials;
pub use path_match::NamePattern;
pub use prune::{ImagePruneFilter, PrunedImages};
pub use pull::PullRequest;
pub use push::PushRequest;

pub(crate) use transfers::Transfers;
