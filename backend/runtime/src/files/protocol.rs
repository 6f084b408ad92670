//! What is said of a container's files, to the keeper that forks a helper, and by that helper.

use crate::failure::Failure;
use serde::{Deserialize, Serialize};

/// Paths are those of the container, absolute or not; a `/` or `/.` at the end means what a link leads to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Wish {
    /// [`Said::Stat`], then [`Said::Done`].
    Stat { path: String },
    /// [`Said::Stat`], then a tar of the file or directory over the stream, then [`Said::Done`].
    Read { path: String },
    /// [`Said::Ready`], then a tar of all files over the stream, then [`Said::Done`].
    ReadAll,
    /// A directory, made with those above it if it isn't there; [`Said::Done`].
    MakeDirectory { path: String },
    /// Whether the path is there, links followed, with all that is mounted in a running container: [`Said::Done`], or `NotFound`.
    Find { path: String },
    /// Copies what a directory of a container that doesn't run has into an empty volume, with owners, modes and attributes. Nothing
    /// is copied into one that has something, or of what isn't there; [`Said::Done`].
    Populate { path: String },
    /// [`Said::Ready`], then the tar is to be sent over the stream, as it is or compressed with gzip; then [`Said::Done`].
    Write { path: String, options: WriteOptions },
}

/// How files are put into a container.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct WriteOptions {
    /// No directory may take the place of what is none, nor the other way round.
    pub no_overwrite_dir_non_dir: bool,
    /// User and group of all that is written; `None`: those that the archive says.
    pub owner: Option<(u32, u32)>,
    /// The container's root is read-only: refused, once the place was found.
    pub read_only: bool,
}

/// What the helper says, one per packet.
#[derive(Debug, Serialize, Deserialize)]
pub enum Said {
    Stat(PathStat),
    Ready,
    Done,
    /// `NotFound`: the path, or something on the way.
    Failed(Failure),
}

/// A file as `docker cp` asks for it before it copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathStat {
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// As the kernel has it: the kind, and permissions.
    pub mode: u32,
    /// Nanoseconds since the epoch.
    pub mtime: i64,
    /// Where a symbolic link leads in the end, as far as that exists; empty for what is none.
    pub link_target: String,
}
