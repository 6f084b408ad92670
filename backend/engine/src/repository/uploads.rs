//! Blobs on their way: begun, looked at, given up.
//!
//! An upload is a row and a file that grows. What has arrived stays, also over a restart: a client asks how far it came, and goes on.
//! One that nobody goes on with for a day is removed with the garbage.

use super::access::count;
use super::{Fault, Repositories, Result};
use crate::id;
use crate::time::now;
use rusqlite::OptionalExtension;
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

/// When there are as many uploads as there may be, those that nobody has gone on with for so long make room.
const IDLE: Duration = Duration::from_mins(10);

impl Repositories {
    /// Begins an upload into a repository, which need not be there yet. Its id.
    ///
    /// # Errors
    /// The name is none, or a limit is reached.
    pub fn begin_upload(&self, repository: &str) -> Result<String> {
        self.check_name(repository)?;
        let id = id::new()?;
        self.make_room_for_upload()?;
        self.change(|connection| {
            // Refused now rather than when all has been sent.
            if self.find(connection, repository)?.is_none() {
                self.check_may_make(connection)?;
            }
            if self.room(connection)? == 0 {
                return Err(self.is_full());
            }
            connection.execute(
                "INSERT INTO uploads (id, registry, repository, used) VALUES (?1, ?2, ?3, ?4)",
                (&id, &*self.registry, repository, now()),
            )?;
            Ok(())
        })?;
        self.open_upload(&id, OFlags::CREATE | OFlags::EXCL)?;
        Ok(id)
    }

    /// Bytes that an upload has.
    ///
    /// # Errors
    /// There is no such upload.
    pub fn upload_size(&self, repository: &str, id: &str) -> Result<u64> {
        self.check_upload(repository, id)?;
        match std::fs::metadata(self.upload_path(id)) {
            Ok(data) => Ok(data.len()),
            Err(_) => Err(Fault::UploadUnknown(id.to_owned())),
        }
    }

    /// Gives an upload up; nothing of it stays.
    ///
    /// # Errors
    /// There is no such upload.
    pub fn cancel_upload(&self, repository: &str, id: &str) -> Result<()> {
        self.check_upload(repository, id)?;
        self.forget_upload(id)
    }

    /// Errors: there is no such upload. Nobody's path is made of an id that isn't ours.
    pub(super) fn check_upload(&self, repository: &str, id: &str) -> Result<()> {
        self.check_name(repository)?;
        self.change(|connection| {
            let touch = "UPDATE uploads SET used = ?4 WHERE id = ?1 AND registry = ?2 AND repository = ?3";
            match connection.execute(touch, (id, &*self.registry, repository, now()))? {
                0 => Err(Fault::UploadUnknown(id.to_owned())),
                _ => Ok(()),
            }
        })
    }

    /// The file of an upload, locked: only one request writes to it.
    pub(super) fn open_upload(&self, id: &str, flags: OFlags) -> Result<File> {
        let flags = flags | OFlags::RDWR | OFlags::APPEND | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let opened = rustix::fs::open(self.upload_path(id), flags, Mode::RUSR | Mode::WUSR);
        let file = match opened {
            Ok(file) => file,
            Err(Errno::NOENT) => return Err(Fault::UploadUnknown(id.to_owned())),
            Err(error) => return Err(Fault::io("an upload can't be opened", error)),
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(Fault::UploadBusy),
            Err(error) => return Err(Fault::io("an upload can't be locked", error)),
        }
        // It may have been finished or cancelled between the two: then it has no name any more, or a blob's.
        let links =
            rustix::fs::fstat(&file).map_err(|error| Fault::io("an upload can't be looked at", error))?.st_nlink;
        if links == 0 || !self.upload_path(id).exists() {
            return Err(Fault::UploadUnknown(id.to_owned()));
        }
        Ok(file.into())
    }

    /// First the row, then the file: what has no row is swept.
    pub(super) fn forget_upload(&self, id: &str) -> Result<()> {
        self.change(|connection| Ok(connection.execute("DELETE FROM uploads WHERE id = ?1", [id])?))?;
        self.hashes.forget(id);
        match std::fs::remove_file(self.upload_path(id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Fault::io("an upload can't be removed", error))
            }
            _ => Ok(()),
        }
    }

    /// Bytes of all that is on its way.
    pub(super) fn uploads_size(&self) -> Result<u64> {
        let ids: Vec<String> = self.read(|connection| {
            let mut query = connection.prepare_cached("SELECT id FROM uploads WHERE registry = ?1")?;
            Ok(query.query_map([&*self.registry], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })?;
        Ok(ids.iter().filter_map(|id| std::fs::metadata(self.upload_path(id)).ok()).map(|data| data.len()).sum())
    }

    pub(super) fn upload_path(&self, id: &str) -> PathBuf {
        self.store.uploads.join(id)
    }

    fn make_room_for_upload(&self) -> Result<()> {
        let before = now().saturating_sub(i64::try_from(IDLE.as_nanos()).unwrap_or(i64::MAX));
        loop {
            let (count, idle) = self.read(|connection| {
                let count = count(connection, "SELECT count(*) FROM uploads WHERE registry = ?1", [&*self.registry])?;
                let idle: Option<String> = connection
                    .prepare_cached("SELECT id FROM uploads WHERE registry = ?1 AND used < ?2 ORDER BY used LIMIT 1")?
                    .query_row((&*self.registry, before), |row| row.get(0))
                    .optional()?;
                Ok((count, idle))
            })?;
            match idle {
                _ if count < i64::from(self.limits.uploads) => return Ok(()),
                Some(idle) => self.forget_upload(&idle)?,
                None => {
                    let most = self.limits.uploads;
                    return Err(Fault::TooMany(format!(
                        "{most} uploads are on their way already: try again in a while"
                    )));
                }
            }
        }
    }
}
