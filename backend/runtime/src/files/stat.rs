//! What a path of the container is.

use super::protocol::PathStat;
use super::{failed, kind, place};
use crate::failure::Result;
use rustix::fs::{FileType, fstat, readlinkat};
use rustix::io::Errno;
use std::os::fd::OwnedFd;

/// Links that are followed before there must be a loop; Docker's number.
const MOST_LINKS: usize = 255;

/// What is there, without following a link at the end of the path.
pub(super) fn stat(root: &OwnedFd, path: &str) -> Result<PathStat> {
    let path = place::absolute(path);
    let found = place::open_path(root, &path).map_err(|error| failed(format!("lstat {path}"), error))?;
    let stat = fstat(&found).map_err(|error| failed(format!("lstat {path}"), error))?;
    let link_target = match kind(stat.st_mode) {
        FileType::Symlink => follow(root, &path)?,
        _ => String::new(),
    };
    Ok(PathStat {
        name: place::base(&path).to_owned(),
        size: stat.st_size.unsigned_abs(),
        mode: stat.st_mode,
        mtime: stat.st_mtime.saturating_mul(1_000_000_000).saturating_add(stat.st_mtime_nsec.cast_signed()),
        link_target,
    })
}

/// Where all links of a path lead. Only told, never opened: what it says may be wrong by the time that it is read.
fn follow(root: &OwnedFd, path: &str) -> Result<String> {
    let mut links = 0;
    let mut found = String::new();
    let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    while let Some(name) = rest.pop() {
        match name.as_str() {
            "" | "." => continue,
            ".." => {
                found.truncate(found.rfind('/').unwrap_or(0));
                continue;
            }
            _ => {}
        }
        let next = format!("{found}/{name}");
        match readlinkat(root, next.trim_start_matches('/'), Vec::new()) {
            Ok(target) => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(failed(format!("evaluating the links of {path}"), Errno::LOOP));
                }
                let target = target.to_string_lossy();
                if target.starts_with('/') {
                    found.clear();
                }
                rest.extend(target.split('/').rev().map(str::to_owned));
            }
            Err(_) => found = next,
        }
    }
    if found.is_empty() { Ok("/".to_owned()) } else { Ok(found) }
}
