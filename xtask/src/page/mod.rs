//! Builds the page into `frontend/dist` without trunk.
//!
//! Everything but `index.html` ends in one directory that is named by its content, so that browsers may keep it forever
//! and relative references inside stay true.

mod assets;
mod index;
mod stamp;
pub(crate) mod toolchain;
mod vendor;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::command::{self, say};
use crate::tree;

/// Builds the page if anything that it is made of has changed.
pub(crate) fn build() -> Result<()> {
    let start = Instant::now();
    let frontend = tree::root().join("frontend");
    let inputs = stamp::inputs()?;
    if stamp::is_current("page", &inputs) && frontend.join("dist/index.html").exists() {
        return Ok(());
    }
    let toolchain = toolchain::ensure()?;
    vendor::install(&frontend)?;
    say("Building", "the page");
    let program = wasm(toolchain)?;
    assets::assemble(&frontend, &program)?;
    stamp::write("page", &inputs)?;
    say("Built", &format!("the page ({} s)", start.elapsed().as_secs()));
    Ok(())
}

/// Compiles the frontend; returns the directory with `app.js` and `app_bg.wasm`.
///
/// Without `wasm-opt`: it takes 14 % off the file, but 1 % off what travels compressed, and is 100 MB to fetch.
fn wasm(toolchain: toolchain::Toolchain) -> Result<PathBuf> {
    // A target directory of its own: two builds in one wait for each other.
    let target = tree::target("page");
    let cargo = || {
        let mut cargo = tree::cargo();
        cargo.args(["build", "--quiet", "--locked", "--target-dir"]).arg(&target);
        cargo
    };
    command::run(cargo().args(["--package", "bindgen"]))?;
    let mut frontend = cargo();
    frontend.args(["--package", "frontend", "--profile", "wasm", "--target", toolchain::TARGET]);
    toolchain.prepare(&mut frontend);
    command::run(&mut frontend)?;

    let output = target.join("bindgen");
    clear(&output)?;
    let compiled = target.join(toolchain::TARGET).join("wasm/frontend.wasm");
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
