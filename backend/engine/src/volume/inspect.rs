//! `docker volume inspect`

use super::{Volume, record};
use crate::host::VirtualHost;
use crate::{Error, Result};

impl VirtualHost {
    /// # Errors
    /// There is none of that name.
    pub fn volume(&self, name: &str) -> Result<Volume> {
        record::get(&self.parts.db, self.id(), name)?
            .ok_or_else(|| Error::not_found(format!("get {name}: no such volume")))
    }

    /// Ids of the containers that have it mounted, or will have when they run.
    pub(crate) fn users_of_volume(&self, name: &str) -> Vec<String> {
        let containers = self.read_containers();
        let users = containers.values().filter(|entry| entry.record().uses_volume(name));
        users.map(|entry| entry.id.to_string()).collect()
    }
}
