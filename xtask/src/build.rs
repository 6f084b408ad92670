//! Building the page and the server side by side.

use crate::command::say;
use crate::{machine, page, progress, tree};
use anyhow::{Context, Result, anyhow};
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, thread};

/// What is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// To be there soon: for a first look, for work on it, and for the tests.
    Quick,
    /// To be small and fast, which takes some minutes more: for workshops, and for what is measured.
    Dist,
}

/// What the server adds to the whole on two idle cores, in seconds.
const QUICK: f64 = 110.0;
const DIST: f64 = 230.0;

pub(crate) fn build(profile: Profile) -> Result<()> {
    machine::ensure(machine::FOR_RUN)?;
    with_page(profile, || server(profile))?;
    say("Ready", &program(profile).display().to_string());
    Ok(())
}

/// Builds the page while `work` runs. Both are waited for.
pub(crate) fn with_page(profile: Profile, work: impl FnOnce() -> Result<()>) -> Result<()> {
    thread::scope(|scope| {
        let page = scope.spawn(move || page::build(profile));
        let work = work();
        let page = page.join().map_err(|_| anyhow!("the build of the page broke off; what it said is above"))?;
        work.and(page)
    })
}

/// Builds the server.
pub(crate) fn server(profile: Profile) -> Result<()> {
    let part = progress::expect("server", if profile == Profile::Dist { DIST } else { QUICK });
    part.begin();
    let start = Instant::now();
    let mut cargo = tree::cargo();
    cargo.args(["build", "--locked", "--package", "server"]);
    if profile == Profile::Dist {
        cargo.arg("--release");
    }
    progress::cargo::run(&mut cargo, &part)?;
    if profile == Profile::Dist {
        put_into_place(&tree::target("release/lernhafen"), &program(profile))?;
    }
    say("Built", &format!("the server ({} s)", start.elapsed().as_secs()));
    Ok(())
}

/// The server's program when it is built.
pub(crate) fn program(profile: Profile) -> PathBuf {
    tree::target(match profile {
        Profile::Quick => "debug/lernhafen",
        // The page is beside it.
        Profile::Dist => "dist/lernhafen",
    })
}

/// In one step: a program that runs can't be written to, but keeps its file.
fn put_into_place(built: &Path, place: &Path) -> Result<()> {
    let new = place.with_extension("new");
    fs::create_dir_all(tree::target("dist"))?;
    fs::copy(built, &new).with_context(|| format!("could not copy {}", built.display()))?;
    fs::rename(&new, place).with_context(|| format!("could not put {} into place", place.display()))
}
