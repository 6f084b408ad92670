//! Containers in the database: one row each, the record as JSON.

use super::Container;
use crate::db::Database;
use crate::id::{ContainerId, HostId};
use crate::{Error, Result};

/// Writes a new container's record, if the host has its image still: from then on it keeps that, as long as it is there itself.
///
/// # Errors
/// The image has been removed meanwhile.
pub(crate) fn create(db: &Database, host: &HostId, container: &Container) -> Result<()> {
    let record = json(container)?;
    db.with(|db| {
        // One statement: nobody can remove the image between the question and the answer.
        let written = db.execute(
            "INSERT INTO containers (host, id, name, record) SELECT ?1, ?2, ?3, ?4
             WHERE EXISTS (SELECT 1 FROM host_images WHERE host = ?1 AND image = ?5)",
            (host, &container.id, &container.name, &record, &container.image_id),
        )?;
        if written == 0 {
            return Err(Error::not_found(format!("No such image: {}", container.spec.image)));
        }
        Ok(())
    })
}

/// Writes a changed record. One that has been deleted meanwhile stays so.
pub(crate) fn save(db: &Database, host: &HostId, container: &Container) -> Result<()> {
    let record = json(container)?;
    db.with(|db| {
        Ok(db.execute(
            "UPDATE containers SET name = ?3, record = ?4 WHERE host = ?1 AND id = ?2",
            (host, &container.id, &container.name, &record),
        )?)
    })?;
    Ok(())
}

pub(crate) fn delete(db: &Database, host: &HostId, id: &ContainerId) -> Result<()> {
    db.with(|db| Ok(db.execute("DELETE FROM containers WHERE host = ?1 AND id = ?2", (host, id))?))?;
    Ok(())
}

fn json(container: &Container) -> Result<String> {
    serde_json::to_string(container)
        .map_err(|error| Error::system(format!("cannot write down container {}: {error}", container.id)))
}

/// All containers of a host. A record that can't be read is an error: nothing is dropped silently.
pub(crate) fn load(db: &Database, host: &HostId) -> Result<Vec<Container>> {
    let records: Vec<String> = db.read(|db| {
        let mut query = db.prepare("SELECT record FROM containers WHERE host = ?1")?;
        Ok(query.query_map([host], |row| row.get(0))?.collect::<Result<_, _>>()?)
    })?;
    let read = |record: &String| {
        serde_json::from_str(record)
            .map_err(|error| Error::system(format!("the record of a container of host {host} can't be read: {error}")))
    };
    records.iter().map(read).collect()
}
