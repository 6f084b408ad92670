//! `docker volume create`, and the volumes that containers bring along.

use super::{ANONYMOUS, Volume, directory, local, name, record};
use crate::Result;
use crate::blocking::blocking;
use crate::host::VirtualHost;
use crate::time::now;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a volume is to be.
#[derive(Debug, Clone, Default)]
pub struct NewVolume {
    /// Empty: one is made up, and it is anonymous.
    pub name: String,
    /// Empty: `local`.
    pub driver: String,
    pub options: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
}

/// A volume that nobody sees yet: complete or not there, whatever ends us. Dropped, it goes.
#[derive(Debug)]
pub(crate) struct Begun {
    volume: Volume,
    /// Where it is made, and what it is called there; `None` once it is in its place, or is somebody's who made the directory by hand.
    staged: Option<(PathBuf, String)>,
}

impl VirtualHost {
    /// Makes a volume; answers that of the name if there is one, as Docker does.
    ///
    /// # Errors
    /// A bad name, a driver or an option that there is not, too many volumes, a full disk.
    pub async fn create_volume(&self, new: NewVolume) -> Result<Volume> {
        let _using = self.kinds.volumes.users.read().await;
        let (volume, begun) = self.begin_volume(new).await?;
        if let Some(begun) = begun {
            self.finish_volume(begun).await?;
        }
        Ok(volume)
    }

    /// The volume of that name, or a new one that is still to be finished.
    pub(crate) async fn begin_volume(&self, mut new: NewVolume) -> Result<(Volume, Option<Begun>)> {
        self.check_volumes_known()?;
        if new.name.is_empty() {
            new.name = crate::id::new()?;
            new.labels.insert(ANONYMOUS.to_owned(), String::new());
        }
        local::check_driver(&new.name, &new.driver)?;
        name::check(&new.name)?;
        if let Some(there) = record::get(&self.parts.db, self.id(), &new.name)? {
            return Ok((there, None));
        }
        local::check(&new.name, &new.options)?;
        let volume = Volume { name: new.name, options: new.options, labels: new.labels, created: now() };
        let (all, trash, id_base) = (self.volumes_dir(), self.trash_dir(), self.record.id_base);
        let (name, unique) = (volume.name.clone(), crate::id::new()?);
        let staged = blocking("making a volume", move || {
            if directory::is_there(&all, &name) {
                return Ok(None);
            }
            directory::make(&trash, &unique, id_base)?;
            Ok(Some((trash, unique)))
        });
        let begun = Begun { volume: volume.clone(), staged: staged.await? };
        Ok((volume, Some(begun)))
    }

    /// Puts it where all see it.
    pub(crate) async fn finish_volume(&self, mut begun: Begun) -> Result<()> {
        let (parent, made) = match begun.staged.take() {
            Some(staged) => staged,
            None => {
                let (trash, unique) = (self.trash_dir(), crate::id::new()?);
                directory::make(&trash, &unique, self.record.id_base)?;
                (trash, unique)
            }
        };
        let (all, name, id_base) = (self.volumes_dir(), begun.volume.name.clone(), self.record.id_base);
        let put = blocking("making a volume", move || {
            let put = directory::put(&parent, &made, &all, &name, id_base);
            if !matches!(put, Ok(true)) {
                crate::tree::remove(&parent.join(&made));
            }
            put
        });
        put.await?;
        match record::create(&self.parts.db, self.id(), &begun.volume) {
            Ok(true) => self.volume_event(&begun.volume.name, "create", &[]),
            // Somebody else was faster.
            Ok(false) => {}
            Err(error) => {
                self.discard_volume(&begun.volume.name).await?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Refuses a host whose keeper knows nothing of volumes: its workstation hasn't their directory, either.
    pub(crate) fn check_volumes_known(&self) -> Result<()> {
        /// The first version of the keeper that knows them.
        const SINCE: u32 = 4;
        Ok(self.keeper.require(SINCE)?)
    }

    /// The directory of all volumes as the engine reaches it.
    pub(super) fn volumes_dir(&self) -> PathBuf {
        self.files.reached().join("volumes")
    }
}

impl Begun {
    /// Where it is, for whoever fills it: the directory that it is in, and its name there. `None`: in its place.
    pub(crate) fn staged(&self) -> Option<&str> {
        self.staged.as_ref().map(|(_, name)| name.as_str())
    }

    /// Not one whose options put it elsewhere.
    pub(crate) fn lies_here(&self) -> bool {
        self.volume.options.is_empty()
    }

    pub(crate) fn name(&self) -> &str {
        &self.volume.name
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some((parent, name)) = self.staged.take() {
            tokio::task::spawn_blocking(move || crate::tree::remove(&parent.join(name)));
        }
    }
}
