//! A layer's archive becomes a directory that an overlay can have below others, whatever the archive tries.
//!
//! `pipe` shares the work among three threads, `unpacking` says what becomes of each entry (`entry` and `whiteout` of what it is
//! called), and `tree` is all that touches the directory.

mod entry;
mod fault;
mod pipe;
mod remove;
mod tree;
mod unpacking;
mod whiteout;

use crate::error::Result;
use crate::limits::Limits;
use std::io::Read;
use std::os::fd::OwnedFd;

/// What an archive was.
#[derive(Debug)]
pub struct Unpacked {
    /// `sha256:…` of the archive's bytes, those after its end included. An archive that ends between two entries is
    /// complete: whoever knows what it should be compares this.
    pub diff_id: String,
    /// Bytes of the files, and of where links lead: as Docker counts.
    pub size: u64,
    /// Bytes of the archive.
    pub tar_size: u64,
}

/// Unpacks an uncompressed tar into an empty directory that nobody else can reach. Owners, modes, times, links and
/// attributes are kept; device nodes are left out, as a container gets its own. What a layer says is gone is marked
/// as an overlay wants it; but the kernel doesn't look for the mark (`trusted.overlay.opaque`) at a layer's root, which says
/// that nothing of the layers below is there any more: who stacks layers has to.
///
/// Nothing is synced: the caller does that once, for all files.
///
/// # Errors
/// The archive is broken or cut off, breaks a limit, or names a place outside of the directory; the disk is full.
/// What is in the directory then is of no use.
pub fn unpack(tar: impl Read, directory: OwnedFd, limits: Limits) -> Result<Unpacked> {
    let (size, read) = pipe::through(tar, limits.archive, |chunks| unpacking::unpack(chunks, directory, limits))?;
    Ok(Unpacked { diff_id: format!("sha256:{}", read.digest), size, tar_size: read.size })
}

#[cfg(test)]
mod tests;
