//! Whether a recipe has changed: a digest of all that lies beside it, and of what it is built on.

use super::Recipe;
use crate::store::Image;
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// `sha256:…` of the recipe's directory, of its base, and of how recipes are built.
pub(super) fn of(recipe: &Recipe, base: Option<&Image>) -> Result<String> {
    let mut hash = Sha256::new();
    for script in super::build::SCRIPTS {
        add(&mut hash, script.as_bytes());
    }
    if let Some(base) = base {
        // Not its id: built again of the same packages, it has the same files and another time.
        add(&mut hash, base.config.rootfs.diff_ids.concat().as_bytes());
        let config = serde_json::to_vec(&base.config.config);
        add(&mut hash, &config.map_err(|e| Error::system(format!("The base's configuration can't be written: {e}")))?);
    }
    add_path(&mut hash, &recipe.dir, &recipe.dir)
        .map_err(|e| Error::system(format!("The recipe in {} can't be read: {e}", recipe.dir.display())))?;
    Ok(format!("sha256:{}", hex::encode(hash.finalize())))
}

fn add_path(hash: &mut Sha256, path: &Path, base: &Path) -> std::io::Result<()> {
    let metadata = path.symlink_metadata()?;
    add(hash, path.strip_prefix(base).unwrap_or(path).as_os_str().as_bytes());
    // Of the mode only what the builder keeps of it.
    add(hash, &[u8::from(metadata.permissions().mode() & 0o100 != 0)]);
    if metadata.is_symlink() {
        add(hash, path.read_link()?.as_os_str().as_bytes());
    } else if metadata.is_dir() {
        let mut entries =
            std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        entries.sort();
        for entry in entries {
            add_path(hash, &entry, base)?;
        }
    } else {
        add(hash, &std::fs::read(path)?);
    }
    Ok(())
}

/// With its length, so that no two recipes run together to the same bytes.
fn add(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}
