//! A container's files, for those outside of it: `docker cp` and `docker export`.
//!
//! All of it runs in a helper process ([`crate::process::fork_files`]) that can do no more than the container's own root could:
//! archives are hostile, and so is what happens to the files meanwhile. Names are looked up from open directories, nothing but
//! regular files and directories is ever opened, and links lead nowhere but into the container's root, which is the helper's.

mod bounded;
mod compression;
mod pack;
mod place;
mod populate;
pub mod protocol;
mod stat;
mod unpack;

use crate::failure::{Failure, FailureKind, Result, invalid, reason};
use crate::{beneath, wire};
use protocol::{Said, Wish};
use rustix::fs::{CWD, FileType, Mode, OFlags, openat};
use rustix::io::Errno;
use std::io::Error;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Does what is wished, with the caller's root as the container's, and tells over `control` how it went.
pub(crate) fn serve(wish: &Wish, control: &OwnedFd, archive: OwnedFd, volume: Option<OwnedFd>) {
    let outcome = grant(wish, control, UnixStream::from(archive), volume);
    // Whoever asked may have gone: then nobody wants to know.
    let _ = wire::send(control, &outcome.map_or_else(Said::Failed, |()| Said::Done), &[]);
}

fn grant(wish: &Wish, control: &OwnedFd, archive: UnixStream, volume: Option<OwnedFd>) -> Result<()> {
    let root = openat(CWD, c"/", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| failed("opening the root", error))?;
    let say = |said: &Said| wire::send(control, said, &[]).map_err(|error| failed_io("answering", &error));
    match wish {
        Wish::Stat { path } => say(&Said::Stat(stat::stat(&root, path)?)),
        Wish::Read { path } => {
            say(&Said::Stat(stat::stat(&root, path)?))?;
            pack::path(&root, path, archive)
        }
        Wish::ReadAll => {
            say(&Said::Ready)?;
            pack::all(&root, archive)
        }
        Wish::Find { path } => {
            beneath::find(&root, Path::new(path)).map(drop).map_err(|error| failed(format!("stat {path}"), error))
        }
        Wish::Populate { path } => match volume {
            Some(volume) => populate::populate(&root, path, &volume),
            None => Err(invalid("there is no volume to be filled")),
        },
        Wish::MakeDirectory { path } => make_directory(&root, path),
        Wish::Write { path, options } => {
            let (place, shown) = place::destination(&root, path)?;
            if options.read_only {
                return Err(invalid("container rootfs is marked read-only"));
            }
            say(&Said::Ready)?;
            unpack::unpack(archive, &place, &shown, options)
        }
    }
}

/// Errors in Docker's words for a container's working directory, which this is.
fn make_directory(root: &OwnedFd, path: &str) -> Result<()> {
    match place::ensure(root, Path::new(path.trim_start_matches('/'))) {
        Ok(_) => Ok(()),
        Err(Errno::NOTDIR) => Err(invalid(format!("Cannot mkdir: {path} is not a directory"))),
        Err(error) => Err(failed(format!("mkdir {path}"), error)),
    }
}

/// What the system refused, in the words of Docker, which are Go's: the call, the name, the reason.
fn failed(what: impl std::fmt::Display, error: Errno) -> Failure {
    let kind = match error {
        Errno::NOENT => FailureKind::NotFound,
        Errno::NOSPC | Errno::DQUOT | Errno::IO | Errno::MFILE | Errno::NFILE | Errno::NOMEM => FailureKind::System,
        _ => FailureKind::Invalid,
    };
    Failure { kind, message: format!("{what}: {}", reason(&error.into())) }
}

fn failed_io(what: impl std::fmt::Display, error: &Error) -> Failure {
    match error.raw_os_error() {
        Some(number) => failed(what, Errno::from_raw_os_error(number)),
        None => invalid(format!("{what}: {error}")),
    }
}

fn kind(mode: u32) -> FileType {
    FileType::from_raw_mode(mode)
}
