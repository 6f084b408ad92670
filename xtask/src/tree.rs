//! The checkout: where things are in it, and what belongs to it.

use crate::command;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The checkout's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A path in cargo's target directory, where everything that a build or a test makes goes.
pub(crate) fn target(path: impl AsRef<Path>) -> PathBuf {
    let directory = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(directory).join(path)
}

/// Removes a directory and all that is in it, if it is there.
pub(crate) fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", directory.display()))
        }
        _ => Ok(()),
    }
}

/// `cargo` in the root of the checkout.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    // Absolute, because a relative one would be taken from where we were started.
    cargo.current_dir(root()).env("CARGO_TARGET_DIR", target(""));
    cargo
}

/// The same, for what leaves the processors to whatever else is at work.
pub(crate) fn cargo_in_background() -> Command {
    let mut nice = Command::new("nice");
    let cargo = cargo();
    nice.arg("cargo").current_dir(root());
    nice.envs(cargo.get_envs().filter_map(|(name, value)| Some((name, value?))));
    nice
}

/// A file of the project as git sees it.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

/// The paths of all files that git tracks or would track, relative to the root; links left out.
pub(crate) fn paths() -> Result<Vec<String>> {
    let list = command::output(Command::new("git").current_dir(root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--deduplicate",
    ]))?;
    // One that is deleted and not committed yet is still listed.
    let is_file = |path: &str| root().join(path).symlink_metadata().is_ok_and(|data| data.is_file());
    Ok(list.split('\0').filter(|path| !path.is_empty() && is_file(path)).map(str::to_owned).collect())
}

/// All text files among [`paths`].
pub(crate) fn files() -> Result<Vec<File>> {
    let mut files = Vec::new();
    for path in paths()? {
        let bytes = fs::read(root().join(&path)).with_context(|| format!("could not read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File { path, text });
        }
    }
    Ok(files)
}
