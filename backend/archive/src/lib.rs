//! Archives, read and written as Docker (Go's `archive/tar`) does.
//!
//! Every archive from outside is hostile: what a registry sends as a layer, what `docker load` and `docker cp` are given. There is one
//! reader for all of them, as two that see different entries in one archive are an attack; what it holds in memory has a bound, and
//! nothing is believed before it is checked.
//!
//! [`decompress`] finds the tar, [`Entries`] makes entries of it, [`unpack`] makes a directory of a layer. [`header`] writes.

pub mod header;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

mod compression;
mod content;
mod error;
mod format;
mod layer;
mod limits;

pub use compression::{Compression, Decompressed, Whole, decompress, is_compressed, look};
pub use content::{Unwritten, write_content};
pub use error::{Error, ErrorKind, Result};
pub use format::{BLOCK, Entries, Entry, Kind, Region, Sparse, is_header};
pub use layer::{Unpacked, unpack};
pub use limits::Limits;
