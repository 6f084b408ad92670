//! `docker rename`

use super::{create, name};
use crate::host::VirtualHost;
use crate::{Error, Result};
use std::collections::BTreeMap;

impl VirtualHost {
    /// Gives a container another name.
    pub fn rename_container(&self, old: &str, new: &str) -> Result<()> {
        let new = new.strip_prefix('/').unwrap_or(new);
        if old.is_empty() || new.is_empty() {
            return Err(Error::invalid("Neither old nor new names may be empty"));
        }
        let entry = self.entry(old)?;
        let before = {
            // Locked while the name is looked for and taken: nobody else gets it.
            let containers = self.write_containers();
            let before = entry.record().name.clone();
            if before == new {
                return Err(Error::invalid("Renaming a container with the same name as its current name"));
            }
            let allocating =
                |error: Error| Error { message: format!("Error when allocating new name: {}", error.message), ..error };
            name::check(new).map_err(|error| {
                let shown = error.message.replacen('(', "(/", 1);
                allocating(Error { message: shown, ..error })
            })?;
            if let Some(holder) = containers.values().find(|entry| entry.record().name == new) {
                return Err(allocating(create::name_in_use(new, &holder.id)));
            }
            entry.update(|container| Ok(std::mem::replace(&mut container.name, new.to_owned())))?
        };
        let details = BTreeMap::from([("oldName".to_owned(), format!("/{before}"))]);
        self.container_event_with(&entry.id, "rename", details);
        Ok(())
    }
}
