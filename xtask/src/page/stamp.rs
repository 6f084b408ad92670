//! Remembers what something was built from, so that what has not changed is not built again.

use crate::{command, tree};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What the page is made of: part of a file's name, or a directory with `/` at its end.
const INPUTS: &[&str] =
    &["Cargo.lock", "Cargo.toml", "backend/protocol/", "frontend/", "xtask/bindgen/", "xtask/src/page/"];

/// A digest over the page's sources and the compiler.
pub(crate) fn inputs() -> Result<String> {
    let mut digest = Sha256::new();
    digest.update(command::output(Command::new("rustc").arg("--version"))?);
    for path in tree::paths()?.iter().filter(|path| INPUTS.iter().any(|input| path.starts_with(input))) {
        let content = fs::read(tree::root().join(path)).with_context(|| format!("could not read {path}"))?;
        digest.update(path);
        digest.update([0]);
        digest.update(content.len().to_le_bytes());
        digest.update(content);
    }
    Ok(hex(&digest.finalize()))
}

pub(crate) fn is_current(name: &str, digest: &str) -> bool {
    fs::read_to_string(path(name)).is_ok_and(|written| written == digest)
}

/// To be called when the build has come to its end.
pub(crate) fn write(name: &str, digest: &str) -> Result<()> {
    let path = path(name);
    fs::create_dir_all(tree::target("page"))?;
    fs::write(&path, digest).with_context(|| format!("could not write {}", path.display()))
}

pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn path(name: &str) -> PathBuf {
    tree::target("page").join(format!("{name}.stamp"))
}
