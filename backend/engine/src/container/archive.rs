//! `docker cp` and `docker export`: a container's files as a tar. Helpers of the keeper's touch the files; here bytes only pass.

use super::entry::Entry;
use super::{Container, Status, oci, rootfs, user};
use crate::host::VirtualHost;
use crate::{Error, ErrorKind, Result};
use runtime::failure::{Failure, FailureKind};
use runtime::files::protocol::{Said, Wish, WriteOptions};
use runtime::keeper::protocol::{Files, Request};
use runtime::process::Rootfs;
use runtime::wire;
use std::io::{self, ErrorKind as Io};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;
use tokio::sync::OwnedMutexGuard;

pub use runtime::files::protocol::PathStat;

const CHUNK: usize = 64 * 1024;

/// A tar that comes out of a container. The container can't start, restart or be removed before this is dropped.
#[derive(Debug)]
pub struct ArchiveReader(Helper);

/// A tar that goes into a container, with the same effect.
#[derive(Debug)]
pub struct ArchiveWriter {
    helper: Helper,
    host: Arc<VirtualHost>,
    entry: Arc<Entry>,
    missing: Error,
}

#[derive(Debug)]
struct Helper {
    control: UnixStream,
    archive: UnixStream,
    /// Held for a container that doesn't run: its root can't be mounted twice.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl VirtualHost {
    /// What a path in a container is; the last link isn't followed unless the path goes on after it.
    pub async fn stat_path(&self, name: &str, path: &str) -> Result<PathStat> {
        let entry = self.entry(name)?;
        let helper = self.helper(&entry, Wish::Stat { path: path.to_owned() }).await?;
        helper.stat().await.map_err(|failure| in_words(failure, name, path))
    }

    /// A tar of a file or directory of a container.
    pub async fn read_path(&self, name: &str, path: &str) -> Result<(PathStat, ArchiveReader)> {
        let entry = self.entry(name)?;
        let helper = self.helper(&entry, Wish::Read { path: path.to_owned() }).await?;
        let stat = helper.stat().await.map_err(|failure| in_words(failure, name, path))?;
        self.container_event(&entry.id, "archive-path");
        Ok((stat, ArchiveReader(helper)))
    }

    /// A tar of all files of a container.
    pub async fn export_container(&self, name: &str) -> Result<ArchiveReader> {
        let entry = self.entry(name)?;
        let helper = self.helper(&entry, Wish::ReadAll).await?;
        helper.ready().await.map_err(|failure| in_words(failure, name, "/"))?;
        self.container_event(&entry.id, "export");
        Ok(ArchiveReader(helper))
    }

    /// Takes a tar into a directory of a container. With `as_user`, what is in it will belong to the container's user, if it has one.
    pub async fn write_path(
        self: &Arc<Self>,
        name: &str,
        path: &str,
        as_user: bool,
        no_overwrite_dir_non_dir: bool,
    ) -> Result<ArchiveWriter> {
        let entry = self.entry(name)?;
        let owner = if as_user { self.file_owner(&entry)? } else { None };
        let read_only = match entry.record().mount_at(path) {
            Some(point) if !point.writable => return Err(Error::invalid("mounted volume is marked read-only")),
            Some(_) => false,
            None => entry.record().spec.read_only,
        };
        let options = WriteOptions { no_overwrite_dir_non_dir, owner, read_only };
        let helper = self.helper(&entry, Wish::Write { path: path.to_owned(), options }).await?;
        helper.ready().await.map_err(|failure| in_words(failure, name, path))?;
        Ok(ArchiveWriter { helper, host: self.clone(), entry, missing: missing(name, path) })
    }

    /// Makes the working directory of a container that doesn't exist for anybody yet, unless its image has it.
    pub(super) async fn make_working_dir(&self, container: &Container) -> Result<()> {
        let path = &container.working_dir;
        let upper = self.container_dir(&container.id).join("upper");
        let files = rootfs::Rootfs { upper, layers: self.layers_of(container)? };
        if path.is_empty() || files.has_directory(path) {
            return Ok(());
        }
        let entry = Arc::new(Entry::new(self.parts.db.clone(), self.record.id.clone(), container.clone()));
        let helper = self.helper(&entry, Wish::MakeDirectory { path: path.clone() }).await?;
        match helper.said().await? {
            Said::Done => Ok(()),
            _ => Err(ended().into()),
        }
    }

    fn file_owner(&self, entry: &Entry) -> Result<Option<(u32, u32)>> {
        let container = entry.record();
        if container.user.is_empty() {
            return Ok(None);
        }
        let upper = self.container_dir(&entry.id).join("upper");
        let files = rootfs::Rootfs { upper, layers: self.layers_of(&container)? };
        let user = user::resolve(&container.user, &[], &files)?;
        Ok(Some((user.uid, user.gid)))
    }

    /// Has a helper of the keeper's do what needs no stream.
    pub(super) async fn ask_files(&self, files: Files) -> Result<(), Failure> {
        let helper = self.begin_helper(files, None).await?;
        match helper.said().await? {
            Said::Done => Ok(()),
            _ => Err(ended()),
        }
    }

    async fn helper(&self, entry: &Arc<Entry>, wish: Wish) -> Result<Helper> {
        let turn = entry.turn.clone().lock_owned().await;
        let container = entry.record();
        if container.state.status == Status::Removing {
            return Err(Error::conflict(format!("container {} is being removed", entry.id)));
        }
        // As in Docker: an export has what the container has written, and nothing of its volumes; and a working directory is made
        // before there are any.
        let without = matches!(wish, Wish::ReadAll | Wish::MakeDirectory { .. });
        let binds = if without { Vec::new() } else { self.binds(&container)? };
        let rootfs = self.rootfs_in_keeper(&container)?;
        let mut mounts = oci::own_files(&self.container_dir_in_keeper(&entry.id), container.spec.read_only);
        mounts.retain(|mount| !binds.iter().any(|bind| bind.target == *mount.destination()));
        let files = Files { container: entry.id.to_string(), rootfs, mounts, binds, wish };
        let turn = (!entry.is_running()).then_some(turn);
        Ok(self.begin_helper(files, turn).await?)
    }

    async fn begin_helper(&self, files: Files, turn: Option<OwnedMutexGuard<()>>) -> Result<Helper, Failure> {
        let (_, fds) = self.keeper.request(Request::Files(Box::new(files))).await?;
        let mut fds = fds.into_iter();
        let (Some(control), Some(archive)) = (fds.next(), fds.next()) else { return Err(ended()) };
        Ok(Helper { control: watched(control)?, archive: watched(archive)?, _turn: turn })
    }

    /// A container's files, as its keeper finds them.
    pub(super) fn rootfs_in_keeper(&self, container: &Container) -> Result<Rootfs> {
        let dir = self.container_dir_in_keeper(&container.id);
        Ok(Rootfs::Overlay { lower: self.layers_of(container)?, upper: dir.join("upper"), work: dir.join("work") })
    }
}

impl ArchiveReader {
    /// The next bytes; `None` once the tar is complete.
    ///
    /// # Errors
    /// If it won't be: what has come of it is of no use.
    pub async fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut chunk = Vec::with_capacity(CHUNK);
        if self.0.archive.read_buf(&mut chunk).await? > 0 {
            return Ok(Some(chunk));
        }
        match self.0.said().await {
            Ok(Said::Done) => Ok(None),
            Ok(_) => Err(io::Error::other("the helper spoke out of turn")),
            Err(failure) => Err(io::Error::other(failure.message)),
        }
    }
}

impl ArchiveWriter {
    /// Passes bytes of the tar on; false if no more are wanted, because it has come to its end, or is refused.
    pub async fn write(&mut self, bytes: &[u8]) -> bool {
        self.helper.archive.write_all(bytes).await.is_ok()
    }

    /// To be called after the last byte: waits until all is in its place.
    ///
    /// # Errors
    /// If something of it isn't. What came before stays.
    pub async fn finish(mut self) -> Result<()> {
        // It has ended already if it wants no more.
        let _ = self.helper.archive.shutdown().await;
        match self.helper.said().await {
            Ok(Said::Done) => {}
            Ok(_) => return Err(Error::system("the helper spoke out of turn")),
            Err(failure) if failure.kind == FailureKind::NotFound => return Err(self.missing),
            Err(failure) => return Err(failure.into()),
        }
        self.host.container_event(&self.entry.id, "extract-to-dir");
        Ok(())
    }
}

impl Helper {
    async fn stat(&self) -> Result<PathStat, Failure> {
        match self.said().await? {
            Said::Stat(stat) => Ok(stat),
            _ => Err(ended()),
        }
    }

    async fn ready(&self) -> Result<(), Failure> {
        match self.said().await? {
            Said::Ready => Ok(()),
            _ => Err(ended()),
        }
    }

    /// What the helper says next; its failure is an error.
    async fn said(&self) -> Result<Said, Failure> {
        loop {
            self.control.readable().await.map_err(|_| ended())?;
            match self.control.try_io(Interest::READABLE, || wire::receive(self.control.as_fd())) {
                Ok(Some((Said::Failed(failure), _))) => return Err(failure),
                Ok(Some((said, _))) => return Ok(said),
                Err(error) if error.kind() == Io::WouldBlock => {}
                Ok(None) | Err(_) => return Err(ended()),
            }
        }
    }
}

fn watched(fd: OwnedFd) -> Result<UnixStream, Failure> {
    let socket = std::os::unix::net::UnixStream::from(fd);
    socket
        .set_nonblocking(true)
        .and_then(|()| UnixStream::from_std(socket))
        .map_err(|error| Failure { kind: FailureKind::System, message: format!("cannot watch a helper: {error}") })
}

fn in_words(failure: Failure, name: &str, path: &str) -> Error {
    if failure.kind == FailureKind::NotFound { missing(name, path) } else { failure.into() }
}

fn missing(name: &str, path: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("Could not find the file {path} in container {name}"))
}

fn ended() -> Failure {
    let message = "the copy broke off: the container has ended, or the virtual host is out of memory".to_owned();
    Failure { kind: FailureKind::System, message }
}
