//! `/images`: what there is on this host, and what comes and goes.

mod commit;
mod credentials;
mod filter;
mod history;
mod import;
mod inspect;
mod list;
mod load;
mod platform;
mod progress;
mod prune;
mod pull;
mod push;
mod remove;
mod save;
mod search;
mod tag;

pub(crate) use commit::commit;
pub(crate) use credentials::AuthConfig;
pub(crate) use history::history;
pub(crate) use inspect::inspect;
pub(crate) use list::{Summary, list, with_shared_sizes};
pub(crate) use load::load;
pub(crate) use prune::prune;
pub(crate) use pull::pull;
pub(crate) use push::push;
pub(crate) use remove::remove;
pub(crate) use save::{save, save_one};
pub(crate) use search::search;
pub(crate) use tag::tag;

/// An image of nothing, without a name.
#[cfg(test)]
pub(crate) fn nothing() -> engine::image::Image {
    engine::image::Image {
        id: engine::ImageId::of(b""),
        config: engine::image::ImageConfig::default(),
        size: 0,
        repo_tags: Vec::new(),
        repo_digests: Vec::new(),
        parent: None,
        created: 0,
        tagged: 0,
    }
}
