//! Builds the page without trunk.
//!
//! Everything but `index.html` ends in one directory that is named by its content, so that browsers may keep it forever
//! and relative references inside stay true.

mod assets;
mod index;
mod stamp;
pub(crate) mod toolchain;
mod vendor;

use crate::build::Profile;
use crate::command::{self, say};
use crate::{progress, tree};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What the page and the tool for it add to the whole on two idle cores, in seconds.
const QUICK: f64 = 45.0;
const DIST: f64 = 100.0;
const BINDGEN: f64 = 15.0;

/// Builds the page if anything that it is made of has changed.
pub(crate) fn build(profile: Profile) -> Result<()> {
    let start = Instant::now();
    let (stamp, dist) = (stamp(profile), directory(profile));
    let inputs = stamp::inputs()?;
    if stamp::is_current(stamp, &inputs) && dist.join("index.html").exists() {
        return Ok(());
    }
    let frontend = tree::root().join("frontend");
    let toolchain = toolchain::ensure()?;
    vendor::install(&frontend)?;
    let program = wasm(toolchain, profile)?;
    assets::assemble(&frontend, &program, &dist)?;
    stamp::write(stamp, &inputs)?;
    say("Built", &format!("the page ({} s)", start.elapsed().as_secs()));
    Ok(())
}

fn stamp(profile: Profile) -> &'static str {
    match profile {
        Profile::Quick => "page",
        Profile::Dist => "page-dist",
    }
}

/// Where the page is when it is built.
pub(crate) fn directory(profile: Profile) -> PathBuf {
    match profile {
        // The server finds it there in a checkout.
        Profile::Quick => tree::root().join("frontend/dist"),
        // And here beside its program.
        Profile::Dist => tree::target("dist/page"),
    }
}

/// Compiles the frontend; returns the directory with `app.js` and `app_bg.wasm`.
///
/// Without `wasm-opt`: it takes 14 % off the file, but 1 % off what travels compressed, and is 100 MB to fetch.
fn wasm(toolchain: toolchain::Toolchain, profile: Profile) -> Result<PathBuf> {
    // A target directory of its own: two builds in one wait for each other.
    let target = tree::target("page");
    let cargo = || {
        // The server goes first: the images wait for its program, and little waits for the page.
        let mut cargo = tree::cargo_in_background();
        cargo.args(["build", "--locked", "--target-dir"]).arg(&target);
        cargo
    };
    let (name, seconds) = match profile {
        Profile::Quick => ("wasm-quick", QUICK),
        Profile::Dist => ("wasm", DIST),
    };
    let (bindgen, page) = (progress::expect("bindgen", BINDGEN), progress::expect("page", seconds));
    bindgen.begin();
    progress::cargo::run(cargo().args(["--package", "bindgen"]), &bindgen)?;
    drop(bindgen);
    page.begin();
    let mut frontend = cargo();
    frontend.args(["--package", "frontend", "--profile", name, "--target", toolchain::TARGET]);
    toolchain.prepare(&mut frontend);
    progress::cargo::run(&mut frontend, &page)?;

    let output = target.join("bindgen");
    clear(&output)?;
    let compiled = target.join(toolchain::TARGET).join(name).join("frontend.wasm");
    command::run(Command::new(target.join("debug/bindgen")).arg(&compiled).arg(&output))?;
    Ok(output)
}

/// Makes sure that `directory` is there and empty.
fn clear(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("could not remove {}", directory.display()))?;
    }
    fs::create_dir_all(directory).with_context(|| format!("could not make {}", directory.display()))
}
