//! `cargo xtask run`: from a checkout to an address to open.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{self, say};
use crate::{build, machine, tree};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Options of `lernhafen serve`, after `--`
    #[arg(last = true)]
    serve: Vec<String>,
}

pub(crate) fn run(options: Options) -> Result<()> {
    machine::ensure(machine::FOR_RUN)?;
    if !machine::is_root() {
        bail!(
            "namespaces and cgroups of virtual hosts are root's to make. Run: sudo --preserve-env=PATH cargo xtask run"
        );
    }
    let data_dir = data_dir(&options.serve);
    // The images need the server's program, but not the page.
    build::with_page(|| {
        build::server()?;
        images(data_dir)
    })?;

    say("Starting", "the server");
    let mut server = Command::new(tree::target("release/lernhafen"));
    server.current_dir(tree::root()).arg("serve").args(&options.serve);
    // In our place: what stops us is meant for it.
    Err(server.exec()).context("could not start the server")
}

/// What a workshop can't begin without. The rest of the catalogue can come later.
const FIRST_IMAGES: &str = "workstation,debian,busybox,hello-world";

/// Builds the base images that the store does not have yet.
fn images(data_dir: Option<&str>) -> Result<()> {
    let mut images = Command::new(tree::target("release/lernhafen"));
    images.current_dir(tree::root()).args(["images", "build", "--missing", "--only", FIRST_IMAGES]);
    if let Some(directory) = data_dir {
        images.args(["--data-dir", directory]);
    }
    command::run(&mut images)
}

/// The data directory that the server will use, if not its own default.
fn data_dir(serve: &[String]) -> Option<&str> {
    let after = serve.iter().position(|word| word == "--data-dir").and_then(|at| serve.get(at + 1));
    let joined = || serve.iter().find_map(|word| word.strip_prefix("--data-dir="));
    after.map(String::as_str).or_else(joined)
}

#[cfg(test)]
mod tests {
    use super::data_dir;

    #[test]
    fn images_go_where_the_server_looks() {
        let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(data_dir(&words(&["--listen", ":1", "--data-dir", "/a"])), Some("/a"));
        assert_eq!(data_dir(&words(&["--data-dir=/b"])), Some("/b"));
        assert_eq!(data_dir(&words(&["--listen", ":1"])), None);
    }
}
