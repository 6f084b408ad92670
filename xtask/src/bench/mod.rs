//! `cargo xtask bench`: what Lernhafen takes, beside what a real dockerd takes.

mod first_start;

use crate::build::{Profile, program, server, with_page};
use crate::{command, images, machine, oracle, page, progress, tree};
use anyhow::{Result, bail};
use std::os::unix::fs::symlink;
use std::path::Path;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this: first-start (which is measured only if it is asked for), or a group of the program that measures
    #[arg(long)]
    only: Option<String>,
    /// Options of the program that measures, after `--`
    #[arg(last = true)]
    options: Vec<String>,
}

/// What the store adds to the whole, in seconds.
const IMAGES: f64 = 40.0;

pub(crate) fn bench(options: Options) -> Result<()> {
    machine::ensure(machine::FOR_RUN.iter().chain([&machine::DOCKER_REGISTRY]))?;
    if !machine::is_root() {
        bail!("the bench makes namespaces and cgroups. Run: sudo --preserve-env=PATH cargo xtask bench");
    }
    if options.only.as_deref() == Some("first-start") {
        return first_start::measure();
    }
    with_page(Profile::Dist, || server(Profile::Dist))?;
    let (program, directory) = (program(Profile::Dist), tree::target("bench"));
    let names = ["workstation", "debian", "busybox"];
    let part = progress::expect("images", IMAGES);
    images::build(&program, &names, ["--data-dir".as_ref(), directory.join("data").as_os_str()], part)?;
    // The program that measures starts the server from there.
    link(&page::directory(Profile::Dist), &directory.join("page"))?;
    command::run(
        tree::cargo()
            .args(["run", "--quiet", "--release", "--locked", "--package", "bench", "--", "--server"])
            .arg(program)
            .arg("--directory")
            .arg(directory)
            .arg("--oracle")
            .arg(oracle::ensure()?)
            .args(options.only.iter().flat_map(|only| ["--only", only]))
            .args(options.options),
    )
}

fn link(to: &Path, link: &Path) -> Result<()> {
    match symlink(to, link) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}
