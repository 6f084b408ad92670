//! Deleting a directory that a tenant has filled.

use std::fs::{self, DirBuilder};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// How deep a tree may be before its lower part is moved up first: `remove_dir_all` keeps a descriptor and a stack
/// frame per level, and a container can nest directories without end. Twelve of the longest names still fit a path.
const DEEP: usize = 12;

/// Deletes a directory with all that is in it, never following a link out of it. Errors are logged: whoever asked has
/// had their answer, and the next start of the engine tries again.
pub(crate) fn remove(dir: &Path) {
    if let Err(error) = flatten(dir).and_then(|()| fs::remove_dir_all(dir))
        && error.kind() != ErrorKind::NotFound
    {
        tracing::error!(dir = %dir.display(), %error, "cannot delete a directory");
    }
}

/// Deletes all that is in a directory, if it is there.
pub(crate) fn remove_contents(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        remove(&entry.path());
    }
}

/// Moves what lies deeper than [`DEEP`] up to the top, again and again, until nothing does. Nobody else can write
/// here any more (the container has ended and the directory is in the trash), so walking by path is safe; links are
/// seen as links and left alone.
fn flatten(top: &Path) -> Result<(), Error> {
    let mut moved = 0u64;
    let mut pending = vec![(top.to_owned(), 0)];
    while let Some((dir, depth)) = pending.pop() {
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                continue;
            }
            if depth < DEEP {
                pending.push((entry.path(), depth + 1));
            } else {
                let target = unused(top, &mut moved)?;
                fs::rename(entry.path(), &target)?;
                pending.push((target, 1));
            }
        }
    }
    Ok(())
}

/// A name at the top that isn't taken: the directory is made, for the rename to replace it.
fn unused(top: &Path, moved: &mut u64) -> Result<PathBuf, Error> {
    loop {
        *moved += 1;
        let path = top.join(format!(".moved-{moved}"));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_tree_too_deep_for_paths_and_descriptors_goes_and_links_stay_unfollowed() {
        let top = std::env::temp_dir().join(format!("lernhafen-tree-{}", std::process::id()));
        let outside = top.with_extension("outside");
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("kept"), "x").unwrap();
        fs::create_dir_all(&top).unwrap();
        symlink(&outside, top.join("link")).unwrap();
        // Built from the inside out, as a path of 3,000 names would be too long.
        for _ in 0..3000 {
            let inner = top.join("inner");
            fs::create_dir_all(&inner).unwrap();
            let holder = top.join("holder");
            fs::create_dir(&holder).unwrap();
            fs::rename(&inner, holder.join("inner")).unwrap();
            fs::rename(&holder, &inner).unwrap();
        }
        remove(&top);
        assert!(!top.exists());
        assert!(outside.join("kept").exists());
        fs::remove_dir_all(&outside).unwrap();
    }
}
