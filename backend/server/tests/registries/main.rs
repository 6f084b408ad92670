//! `docker pull`, `docker push` and `docker login` with a real registry, and with one that is bad.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

mod at_once;
mod broken;
mod catalogue;
#[path = "../common/mod.rs"]
mod common;
mod exchange;
mod hostile;
mod locked;
mod registry;
mod relay;
mod run;

use common::Engine;
use registry::Registry;
use relay::Relay;
use std::fs;
use std::path::PathBuf;

/// `localhost:5000/big`, whose one layer beside busybox's is of a few megabytes that can't be compressed.
pub(crate) const BIG: &str = "localhost:5000/big";

/// A registry that has [`BIG`], and an engine that does not, with the way between them.
pub(crate) fn big() -> (Engine, Registry, Relay) {
    let engine = Engine::start();
    let registry = Registry::start(&engine.dir);
    let maker = Engine::start();
    let _way = registry.at(maker.inside(), 5000);
    maker.docker(&["run", "--name", "maker", "busybox", "dd", "if=/dev/urandom", "of=/big", "bs=1M", "count=6"]).ok();
    maker.docker(&["commit", "maker", BIG]).ok();
    maker.docker(&["push", BIG]).ok();
    let way = registry.at(engine.inside(), 5000);
    (engine, registry, way)
}

/// What of images is on an engine's disk.
pub(crate) fn stored(engine: &Engine) -> Vec<PathBuf> {
    let within = |name| fs::read_dir(engine.dir.join("data").join(name)).into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = within("layers").chain(within("blobs")).map(|entry| entry.path()).collect();
    all.sort();
    all
}

pub(crate) fn is_unpacking(engine: &Engine) -> bool {
    stored(engine).iter().any(|path| path.file_name().unwrap().to_string_lossy().starts_with("tmp-"))
}
