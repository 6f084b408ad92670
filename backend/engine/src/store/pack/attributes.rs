//! Extended attributes: which of a file's belong to an image, and which are the overlay's own.

use rustix::fs::{fgetxattr, flistxattr};
use rustix::io::Errno;
use std::io;
use std::os::fd::AsFd;

const CAPABILITY: &str = "security.capability";
/// Bytes of all attributes of a file: an entry's head is held in memory, here and by everybody who unpacks it.
const MOST: usize = 512 << 10;

/// `VFS_CAP_REVISION_2` and `_3`: the last byte of the first field, which is little-endian.
const REVISION: usize = 3;
const V2_SIZE: usize = 20;
const V3_SIZE: usize = 24;

/// What a file has of its own, in the order of names: what a program may do (`security.capability`), and `user.*`.
///
/// # Errors
/// There is too much of it, or the overlay has noted there that the file's content is elsewhere.
pub(super) fn of_image(file: impl AsFd, id_base: u32) -> io::Result<Vec<(String, Vec<u8>)>> {
    let file = file.as_fd();
    let (mut found, mut total) = (Vec::new(), 0);
    for name in names(file)? {
        if matches!(name.as_str(), "trusted.overlay.redirect" | "trusted.overlay.metacopy") {
            return Err(io::Error::other(
                "the kernel's overlay is set to redirect_dir or metacopy, which can't be packed",
            ));
        }
        if name != CAPABILITY && (!name.starts_with("user.") || name.starts_with("user.overlay.")) {
            continue;
        }
        let Some(value) = value(file, &name)? else { continue };
        total += name.len() + value.len();
        if total > MOST {
            return Err(io::Error::other("the extended attributes are larger than an image's may be"));
        }
        let value = if name == CAPABILITY { capability(value, id_base) } else { Some(value) };
        found.extend(value.map(|value| (name, value)));
    }
    found.sort();
    Ok(found)
}

/// An overlay's mark for a directory that hides those below it.
pub(super) fn is_opaque(directory: impl AsFd) -> io::Result<bool> {
    Ok(value(directory.as_fd(), "trusted.overlay.opaque")?.is_some_and(|value| value == *b"y"))
}

/// As an image has it. In a user namespace the kernel notes whose root it is that gets the rights: the virtual host's is the image's
/// root, who isn't named. Another one's, of a namespace within the container, keeps his number there.
fn capability(mut value: Vec<u8>, id_base: u32) -> Option<Vec<u8>> {
    if value.len() != V3_SIZE || value[REVISION] != 3 {
        return Some(value);
    }
    let root = <[u8; 4]>::try_from(&value[V2_SIZE..]).ok()?;
    match u32::from_le_bytes(root).checked_sub(id_base).filter(|root| *root < super::IDS)? {
        0 => {
            value.truncate(V2_SIZE);
            value[REVISION] = 2;
        }
        root => value[V2_SIZE..].copy_from_slice(&root.to_le_bytes()),
    }
    Some(value)
}

fn names(file: impl AsFd) -> io::Result<Vec<String>> {
    let list = sized(|buffer| flistxattr(file.as_fd(), buffer))?.unwrap_or_default();
    let names = list.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    // A name that isn't text is none that is wanted.
    Ok(names.filter_map(|name| String::from_utf8(name.to_vec()).ok()).collect())
}

fn value(file: impl AsFd, name: &str) -> io::Result<Option<Vec<u8>>> {
    sized(|buffer| fgetxattr(file.as_fd(), name, buffer))
}

/// Calls with as large a buffer as it takes. `None`: there is none, or the file system knows none.
fn sized(call: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) -> io::Result<Option<Vec<u8>>> {
    // The kernel's own limit of a list and of a value is 64 KiB.
    let mut buffer = vec![0; 256];
    loop {
        match call(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(Some(buffer));
            }
            Err(Errno::NODATA | Errno::OPNOTSUPP) => return Ok(None),
            Err(Errno::RANGE) if buffer.len() < 64 << 10 => buffer = vec![0; 64 << 10],
            Err(error) => return Err(error.into()),
        }
    }
}
