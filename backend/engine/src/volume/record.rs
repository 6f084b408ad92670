//! Volumes in the database: a row each.

use super::Volume;
use crate::db::Database;
use crate::{Error, Result};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

/// Volumes that a host may have.
const MOST: i64 = 1000;

/// Writes a new one down. False: there is one of that name.
///
/// # Errors
/// The host has too many.
pub(super) fn create(db: &Database, host: &str, volume: &Volume) -> Result<bool> {
    let (options, labels) = (json(&volume.options)?, json(&volume.labels)?);
    db.with(|db| {
        let transaction = db.transaction()?;
        let count: i64 =
            transaction.query_row("SELECT count(*) FROM volumes WHERE host = ?1", [host], |row| row.get(0))?;
        let written = transaction.execute(
            "INSERT INTO volumes (host, name, options, labels, created) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (host, name) DO NOTHING",
            (host, &volume.name, options, labels, volume.created),
        )?;
        if written > 0 && count >= MOST {
            return Err(Error::conflict(format!(
                "create {}: this virtual host has {MOST} volumes, which is all that it may have: remove some \
                 (docker volume prune)",
                volume.name
            )));
        }
        transaction.commit()?;
        Ok(written > 0)
    })
}

pub(super) fn get(db: &Database, host: &str, name: &str) -> Result<Option<Volume>> {
    db.with(|db| {
        let mut query = db.prepare_cached(&format!("{SELECT} AND name = ?2"))?;
        query.query_row([host, name], read).optional()?.transpose()
    })
}

/// By name.
pub(super) fn all(db: &Database, host: &str) -> Result<Vec<Volume>> {
    db.with(|db: &mut Connection| {
        let mut query = db.prepare_cached(&format!("{SELECT} ORDER BY name"))?;
        query.query_map([host], read)?.map(|row| row?).collect()
    })
}

/// False: there is none.
pub(super) fn delete(db: &Database, host: &str, name: &str) -> Result<bool> {
    db.with(|db| Ok(db.execute("DELETE FROM volumes WHERE host = ?1 AND name = ?2", (host, name))? > 0))
}

const SELECT: &str = "SELECT name, options, labels, created FROM volumes WHERE host = ?1";

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<Volume>> {
    let (name, options, labels): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let created = row.get(3)?;
    let parsed = serde_json::from_str(&options).and_then(|options| Ok((options, serde_json::from_str(&labels)?)));
    Ok(match parsed {
        Ok((options, labels)) => Ok(Volume { name, options, labels, created }),
        Err(error) => Err(Error::system(format!("the record of volume {name} can't be read: {error}"))),
    })
}

fn json(map: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(map).map_err(|error| Error::system(format!("cannot write a volume down: {error}")))
}
