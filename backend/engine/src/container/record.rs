//! Containers in the database: one row each, the record as JSON.

use super::Container;
use crate::db::Database;
use crate::{Error, Result};

/// Writes a container's record, new or changed.
pub(crate) fn save(db: &Database, host: &str, container: &Container) -> Result<()> {
    let record = serde_json::to_string(container)
        .map_err(|error| Error::system(format!("cannot write down container {}: {error}", container.id)))?;
    db.with(|db| {
        Ok(db.execute(
            "INSERT INTO containers (host, id, name, record) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (host, id) DO UPDATE SET name = excluded.name, record = excluded.record",
            (host, &container.id, &container.name, &record),
        )?)
    })?;
    Ok(())
}

pub(crate) fn delete(db: &Database, host: &str, id: &str) -> Result<()> {
    db.with(|db| Ok(db.execute("DELETE FROM containers WHERE host = ?1 AND id = ?2", (host, id))?))?;
    Ok(())
}

/// All containers of a host. A record that can't be read is an error: nothing is dropped silently.
pub(crate) fn load(db: &Database, host: &str) -> Result<Vec<Container>> {
    let records: Vec<String> = db.with(|db| {
        let mut query = db.prepare("SELECT record FROM containers WHERE host = ?1")?;
        Ok(query.query_map([host], |row| row.get(0))?.collect::<Result<_, _>>()?)
    })?;
    let read = |record: &String| {
        serde_json::from_str(record)
            .map_err(|error| Error::system(format!("the record of a container of host {host} can't be read: {error}")))
    };
    records.iter().map(read).collect()
}
