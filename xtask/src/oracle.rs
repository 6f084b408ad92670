//! The file system with a real dockerd, which tests compare us with and the bench measures us beside.

use crate::command::say;
use crate::tree;
use anyhow::Result;
use std::path::PathBuf;

/// Where it is; built if it is not there.
pub(crate) fn ensure() -> Result<PathBuf> {
    let root = tree::target("oracle");
    if !root.exists() {
        say("Building", "a file system with a real dockerd from Debian's packages (about 30 s)");
        ::oracle::build(&root)?;
    }
    Ok(root)
}
