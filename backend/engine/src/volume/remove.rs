//! `docker volume rm`

use super::{directory, record};
use crate::blocking::blocking;
use crate::host::VirtualHost;
use crate::{Error, ErrorKind, Result};

impl VirtualHost {
    /// Removes a volume. With `force` it is fine if there is none.
    ///
    /// # Errors
    /// There is none; a container has it.
    pub async fn remove_volume(&self, name: &str, force: bool) -> Result<()> {
        let _alone = self.kinds.volumes.users.write().await;
        match self.volume(name) {
            Err(Error { kind: ErrorKind::NotFound, .. }) if force => return Ok(()),
            other => other?,
        };
        self.remove_unused(name).await
    }

    /// Removes those that a container had anonymously, unless others have them.
    pub(crate) async fn remove_volumes_of(&self, names: &[String]) {
        let _alone = self.kinds.volumes.users.write().await;
        self.remove_own_volumes(names).await;
    }

    /// The same of a container that was never written down: nobody else can know their names.
    pub(crate) async fn remove_own_volumes(&self, names: &[String]) {
        for name in names {
            match self.remove_unused(name).await {
                Err(error) if error.kind != ErrorKind::Conflict => {
                    tracing::error!(volume = name, %error, "an anonymous volume isn't removed with its container");
                }
                _ => {}
            }
        }
    }

    /// The caller keeps users away.
    pub(super) async fn remove_unused(&self, name: &str) -> Result<()> {
        let users = self.users_of_volume(name);
        if !users.is_empty() {
            return Err(Error::conflict(format!("remove {name}: volume is in use - [{}]", users.join(", "))));
        }
        // The row before the files: what has none is nobody's.
        if record::delete(&self.parts.db, self.id(), name)? {
            self.discard_volume(name).await?;
            self.volume_event(name, "destroy", &[]);
        }
        Ok(())
    }

    /// Takes the files away at once, and deletes them in the background.
    pub(super) async fn discard_volume(&self, name: &str) -> Result<()> {
        let (all, trash, unique) = (self.volumes_dir(), self.trash_dir(), crate::id::new()?);
        let (name, gone) = (name.to_owned(), trash.join(&unique));
        blocking("removing a volume", move || directory::take(&all, &name, &trash, &unique)).await?;
        tokio::task::spawn_blocking(move || crate::tree::remove(&gone));
        Ok(())
    }
}
