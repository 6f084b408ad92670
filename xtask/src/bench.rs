//! `cargo xtask bench`: what Lernhafen takes, beside what a real dockerd takes.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{build, command, machine, oracle, tree};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Options of the program that measures, after `--`
    #[arg(last = true)]
    options: Vec<String>,
}

pub(crate) fn bench(options: Options) -> Result<()> {
    machine::ensure(machine::FOR_RUN.iter().chain([&machine::DOCKER_REGISTRY]))?;
    if !machine::is_root() {
        bail!("the bench makes namespaces and cgroups. Run: sudo --preserve-env=PATH cargo xtask bench");
    }
    build::with_page(build::server)?;
    let (server, directory) = (tree::target("release/lernhafen"), tree::target("bench"));
    command::run(
        Command::new(&server)
            .current_dir(tree::root())
            .args(["images", "build", "--missing", "--only", "workstation,debian,busybox", "--data-dir"])
            .arg(directory.join("data")),
    )?;
    command::run(
        tree::cargo()
            .args(["run", "--quiet", "--release", "--locked", "--package", "bench", "--", "--server"])
            .arg(server)
            .arg("--directory")
            .arg(directory)
            .arg("--oracle")
            .arg(oracle::ensure()?)
            .args(options.options),
    )
}
