//! Names with a meaning: how a layer says that something of the layers below is gone.

use super::fault::Fault;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const PREFIX: &[u8] = b".wh.";

/// What else AUFS kept in a layer begins with this.
const META: &[u8] = b".wh..wh.";

const OPAQUE: &[u8] = b".wh..wh..opq";

/// What an entry is, by its path. Its kind doesn't matter: AUFS wrote hard links, others write files.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Just what it says.
    Plain,
    /// What has this path is not there any more.
    Gone(PathBuf),
    /// Of the directory with this path, nothing is there any more but what this layer puts there.
    Opaque(PathBuf),
    /// AUFS's own, of no use to anybody else.
    Ignored,
}

impl Meaning {
    pub(super) fn of(path: &Path) -> Result<Self, Fault> {
        let mut names = path.iter().map(|name| name.as_bytes());
        let last = names.next_back().unwrap_or_default();
        for name in names {
            if name.starts_with(META) {
                return Ok(Self::Ignored);
            }
            if name.starts_with(PREFIX) {
                return Err(Fault::Entry("lies in what is not there any more (.wh.)"));
            }
        }
        if last == OPAQUE {
            return Ok(Self::Opaque(path.parent().map(Path::to_owned).unwrap_or_default()));
        }
        if last.starts_with(META) {
            return Ok(Self::Ignored);
        }
        match last.strip_prefix(PREFIX) {
            None => Ok(Self::Plain),
            Some(b"" | b"." | b"..") => Err(Fault::Entry("says that something is gone (.wh.), but not what")),
            Some(gone) => Ok(Self::Gone(path.with_file_name(std::ffi::OsStr::from_bytes(gone)))),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_have_a_meaning() {
        let of = |path: &str| Meaning::of(Path::new(path)).unwrap();
        for plain in ["", "a", "a/b", ".wh", ".whx", "a.wh.b", "x.wh./b"] {
            assert_eq!(of(plain), Meaning::Plain, "{plain}");
        }
        assert_eq!(of(".wh.a"), Meaning::Gone("a".into()));
        assert_eq!(of("a/.wh.b"), Meaning::Gone("a/b".into()));
        assert_eq!(of("a/.wh. "), Meaning::Gone("a/ ".into()));
        assert_eq!(of("a/.wh...."), Meaning::Gone("a/...".into()));
        assert_eq!(of(".wh..opq"), Meaning::Gone(".opq".into()));
        assert_eq!(of(".wh..wh..opq"), Meaning::Opaque("".into()));
        assert_eq!(of("a/b/.wh..wh..opq"), Meaning::Opaque("a/b".into()));
        for ignored in [".wh..wh.aufs", ".wh..wh.plnk/12.34", "a/.wh..wh.orph", ".wh..wh..opq/a", ".wh..wh."] {
            assert_eq!(of(ignored), Meaning::Ignored, "{ignored}");
        }
        for refused in [".wh.", "a/.wh.", ".wh..", "a/.wh...", ".wh.a/b", "a/.wh.b/c/d", ".wh./x"] {
            Meaning::of(Path::new(refused)).unwrap_err();
        }
    }
}
