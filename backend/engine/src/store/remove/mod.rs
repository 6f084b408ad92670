//! A host's image goes, by moby's rules (`daemon/images/image_delete.go`).
//!
//! Only the host's rows go here, all in one transaction; what nobody has any more is for [`super::garbage`].

use super::lookup::{by_id, find, read, references};
use super::{Image, Reference, Store, chain};
use crate::id::{ContainerId, ImageId};
use crate::store::Owner;
use crate::{Error, ErrorKind, Result};
use rusqlite::Transaction;

/// One line of what `docker rmi` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// A name: `name:tag` or `name@digest`.
    Untagged(String),
    /// An image, by its id.
    Image(ImageId),
    /// A layer that neither an image nor a container of the host is made of any more.
    Layer {
        /// Its chain id.
        id: String,
        /// Bytes.
        size: u64,
    },
}

/// How an image is to go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RemoveOptions {
    /// Also if it has several names, or a container that doesn't run is made of it.
    pub force: bool,
    /// Leave the images that it was made of, even if nothing else needs them.
    pub keep_parents: bool,
}

/// A container, as far as an image must know of it.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) container: ContainerId,
    pub(crate) image: ImageId,
    pub(crate) running: bool,
}

/// What a removal did.
#[derive(Debug, Default)]
pub(crate) struct Removal {
    pub(crate) records: Vec<Removed>,
    /// Actions of `docker events`, each with the image as it was before.
    pub(crate) events: Vec<(&'static str, Image)>,
}

impl Store {
    /// Takes a name from an image, or the image from the host; `users` are all containers of the host.
    ///
    /// # Errors
    /// The host has no such image, or something stands in the way. Then nothing has changed.
    pub(crate) fn remove(&self, owner: &Owner, name: &str, options: RemoveOptions, users: &[User]) -> Result<Removal> {
        self.db.with(|connection| {
            let transaction = connection.transaction()?;
            let mut work = Work { transaction: &transaction, owner, users, removal: Removal::default() };
            work.remove(name, options)?;
            let removal = work.removal;
            transaction.commit()?;
            Ok(removal)
        })
    }
}

struct Work<'a> {
    transaction: &'a Transaction<'a>,
    owner: &'a Owner,
    users: &'a [User],
    removal: Removal,
}

impl Work<'_> {
    fn remove(&mut self, name: &str, options: RemoveOptions) -> Result<()> {
        let id = find(self.transaction, self.owner, name)?;
        let image = read(self.transaction, self.owner, &id)?;
        let names = references(self.transaction, self.owner, &id)?;
        let is_single = is_single(&names);
        if is_beginning_of(name, &id) {
            if is_single {
                self.check_use(&image, options.force)?;
                self.untag_all(&image)?;
            }
            return self.delete(&image, options);
        }
        if is_single
            && !options.force
            && let Some(user) = self.users.iter().find(|user| user.image == id)
        {
            return Err(Error::conflict(format!(
                "conflict: unable to remove repository reference {name:?} (must force) - container {} is using its \
                 referenced image {}",
                user.container.short(),
                id.short()
            )));
        }
        self.untag(&image, &Reference::parse(name)?)?;
        let has_names = !references(self.transaction, self.owner, &id)?.is_empty();
        if has_names || !self.may_go(&image, options.force)? { Ok(()) } else { self.delete(&image, options) }
    }

    /// Takes a name away, and with the last tag of its repository the digests there.
    fn untag(&mut self, image: &Image, name: &Reference) -> Result<()> {
        self.forget(image, name)?;
        self.removal.records.push(Removed::Untagged(name.as_asked()));
        self.removal.events.push(("untag", image.clone()));
        if name.digest().is_some() {
            return Ok(());
        }
        let names = references(self.transaction, self.owner, &image.id)?;
        let (digests, tags): (Vec<_>, Vec<_>) =
            names.into_iter().filter(|other| other.name() == name.name()).partition(|other| other.digest().is_some());
        if tags.is_empty() {
            for digest in &digests {
                self.forget(image, digest)?;
                self.removal.records.push(Removed::Untagged(digest.to_string()));
            }
        }
        Ok(())
    }

    fn untag_all(&mut self, image: &Image) -> Result<()> {
        for name in references(self.transaction, self.owner, &image.id)? {
            self.forget(image, &name)?;
            self.removal.records.push(Removed::Untagged(name.to_string()));
            self.removal.events.push(("untag", image.clone()));
        }
        Ok(())
    }

    fn forget(&self, image: &Image, name: &Reference) -> Result<()> {
        match name.digest() {
            Some(digest) => self.transaction.execute(
                "DELETE FROM digests WHERE host = ?1 AND repository = ?2 AND digest = ?3 AND image = ?4",
                (self.owner, name.name(), digest, &image.id),
            )?,
            None => self.transaction.execute(
                "DELETE FROM tags WHERE host = ?1 AND reference = ?2 AND image = ?3",
                (self.owner, name.to_string(), &image.id),
            )?,
        };
        Ok(())
    }

    /// The image goes, and then every one that it was made of, as long as nothing else needs that.
    fn delete(&mut self, image: &Image, options: RemoveOptions) -> Result<()> {
        self.check(image, options.force)?;
        self.delete_one(image)?;
        let mut parent = image.parent.clone().filter(|_| !options.keep_parents);
        while let Some(id) = parent {
            if by_id(self.transaction, self.owner, &id)?.is_none() {
                break;
            }
            let image = read(self.transaction, self.owner, &id)?;
            if !self.may_go(&image, false)? {
                break;
            }
            self.delete_one(&image)?;
            parent = image.parent;
        }
        Ok(())
    }

    fn delete_one(&mut self, image: &Image) -> Result<()> {
        self.untag_all(image)?;
        self.transaction.execute("DELETE FROM host_images WHERE host = ?1 AND image = ?2", (self.owner, &image.id))?;
        self.removal.events.push(("delete", image.clone()));
        self.removal.records.push(Removed::Image(image.id.clone()));
        let diff_ids = &image.config.rootfs.diff_ids;
        let kept = self.layers_in_use(diff_ids)?;
        for (diff_id, id) in diff_ids.iter().zip(chain::chain_ids(diff_ids)).skip(kept).rev() {
            let size = self
                .transaction
                .query_row("SELECT size FROM layers WHERE diff_id = ?1", [diff_id], |row| row.get::<_, i64>(0))?;
            self.removal.records.push(Removed::Layer { id, size: size.unsigned_abs() });
        }
        Ok(())
    }

    /// How many of these layers, from the lowest, what the host has is made of, too.
    fn layers_in_use(&self, diff_ids: &[String]) -> Result<usize> {
        let mut images: Vec<ImageId> = self
            .transaction
            .prepare_cached("SELECT image FROM host_images WHERE host = ?1")?
            .query_map([self.owner], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        images.extend(self.users.iter().map(|user| user.image.clone()));
        images.sort_unstable();
        images.dedup();
        let mut layers =
            self.transaction.prepare_cached("SELECT diff_id FROM image_layers WHERE image = ?1 ORDER BY position")?;
        let mut most = 0;
        for image in &images {
            let other: Vec<String> = layers.query_map([image], |row| row.get(0))?.collect::<Result<_, _>>()?;
            most = most.max(chain::shared(diff_ids, &other));
        }
        Ok(most)
    }

    /// What stands in the way of an image's going: hard, or soft and not forced.
    fn check(&self, image: &Image, force: bool) -> Result<()> {
        self.check_hard(image)?;
        if !force && !references(self.transaction, self.owner, &image.id)?.is_empty() {
            return Err(conflict(image, false, "image is referenced in multiple repositories"));
        }
        self.check_stopped(image, force)
    }

    fn may_go(&self, image: &Image, force: bool) -> Result<bool> {
        match self.check(image, force) {
            Err(error) if error.kind == ErrorKind::Conflict => Ok(false),
            checked => checked.map(|()| true),
        }
    }

    /// As [`Self::check`], but for its names.
    fn check_use(&self, image: &Image, force: bool) -> Result<()> {
        self.check_hard(image)?;
        self.check_stopped(image, force)
    }

    fn check_hard(&self, image: &Image) -> Result<()> {
        let has_children: bool = self.transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM host_images WHERE host = ?1 AND parent = ?2)",
            (self.owner, &image.id),
            |row| row.get(0),
        )?;
        if has_children {
            return Err(conflict(image, true, "image has dependent child images"));
        }
        match self.user(image, true) {
            Some(id) => Err(conflict(image, true, &format!("image is being used by running container {id}"))),
            None => Ok(()),
        }
    }

    fn check_stopped(&self, image: &Image, force: bool) -> Result<()> {
        match self.user(image, false) {
            Some(id) if !force => {
                Err(conflict(image, false, &format!("image is being used by stopped container {id}")))
            }
            _ => Ok(()),
        }
    }

    fn user(&self, image: &Image, running: bool) -> Option<&str> {
        let user = self.users.iter().find(|user| user.image == image.id && user.running == running);
        user.map(|user| user.container.short())
    }
}

fn conflict(image: &Image, hard: bool, why: &str) -> Error {
    let force = if hard { "cannot be forced" } else { "must be forced" };
    Error::conflict(format!("conflict: unable to delete {} ({force}) - {why}", image.id.short()))
}

/// Whether all names are of one repository, and at most one is a tag. Not, if there is no name.
fn is_single(names: &[Reference]) -> bool {
    let tags = names.iter().filter(|name| name.digest().is_none()).count();
    names.first().is_some_and(|first| tags <= 1 && names.iter().all(|name| name.name() == first.name()))
}

/// Whether a client means the image by its id, as Docker decides it: by a name that is one it has lost then.
fn is_beginning_of(name: &str, id: &ImageId) -> bool {
    id.starts_with(name) || id.digits().starts_with(name)
}

#[cfg(test)]
mod tests;
