//! `cargo xtask run`: from a checkout to an address to open.

use crate::build::{self, Profile};
use crate::command::say;
use crate::{images, machine, progress, tree};
use anyhow::{Context, Result, bail};
use std::os::unix::process::CommandExt;
use std::process::Command;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Built small and fast, for a workshop, which takes some minutes more
    #[arg(long)]
    dist: bool,
    /// Options of `lernhafen serve`, after `--`
    #[arg(last = true)]
    serve: Vec<String>,
}

/// What a workshop can't begin without. The rest of the catalogue can come later.
const FIRST_IMAGES: [&str; 4] = ["workstation", "debian", "busybox", "hello-world"];

/// What they add to the whole, in seconds: some of it goes on while the page is built.
const IMAGES: f64 = 25.0;

pub(crate) fn run(options: Options) -> Result<()> {
    machine::ensure(machine::FOR_RUN)?;
    if !machine::is_root() {
        bail!(
            "namespaces and cgroups of virtual hosts are root's to make. Run: sudo --preserve-env=PATH cargo xtask run"
        );
    }
    let profile = if options.dist { Profile::Dist } else { Profile::Quick };
    let program = build::program(profile);
    let data_dir = data_dir(&options.serve).map_or_else(Vec::new, |directory| vec!["--data-dir", directory]);
    let part = progress::expect("images", IMAGES);
    // The images need the server's program, but not the page.
    build::with_page(profile, || {
        build::server(profile)?;
        images::build(&program, &FIRST_IMAGES, data_dir, part)
    })?;

    say("Starting", "the server");
    let mut server = Command::new(program);
    server.current_dir(tree::root()).arg("serve").args(&options.serve);
    // In our place: what stops us is meant for it.
    Err(server.exec()).context("could not start the server")
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
