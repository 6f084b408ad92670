//! Virtual hosts in the database, and which ids each may use.

use super::HostRules;
use crate::db::Database;
use crate::id::HostId;
use crate::time::now;
use crate::{Error, Result};
use runtime::cgroup::HostLimits;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

/// First id that virtual hosts may use on this machine: just above the ranges that systemd gives to its containers
/// (524288 to 1879048191), and far above those of subuid.
const FIRST_ID: u32 = 0x7000_0000;

/// How many virtual hosts have room up to the largest id that a signed number holds. Their ranges are given first: some programs
/// show larger ids as negative ones.
const SIGNED: u32 = 0x1000;

/// Ids per virtual host.
const IDS: u32 = 0x1_0000;

/// How many virtual hosts have room below the last 65,536 ids, of which some mean "none".
const MOST: u32 = 0x8fff;

/// What a new virtual host is to be.
#[derive(Debug, Clone)]
pub struct HostSpec {
    /// `[a-z0-9]{1,32}`, unique on this machine.
    pub id: HostId,
    /// What `hostname` says in the workstation.
    pub hostname: String,
    /// Image of the workstation (`lernhafen/workstation:latest`); `None`: a host without one, as `lernhafen engine` serves.
    pub workstation: Option<String>,
    pub limits: HostLimits,
    pub rules: HostRules,
}

/// A virtual host as it is written down.
#[derive(Debug, Clone)]
pub(crate) struct HostRecord {
    pub(crate) id: HostId,
    pub(crate) hostname: String,
    pub(crate) workstation: Option<String>,
    pub(crate) id_base: u32,
    pub(crate) limits: HostLimits,
    pub(crate) rules: HostRules,
    /// Nanoseconds since the epoch.
    pub(crate) created: i64,
}

impl HostRecord {
    /// Tells it from all other hosts of this engine.
    pub(crate) fn number(&self) -> u32 {
        self.id_base.saturating_sub(FIRST_ID) / IDS
    }
}

/// The table of hosts.
#[derive(Debug, Clone)]
pub(crate) struct Hosts(pub(crate) Database);

impl Hosts {
    pub(crate) fn all(&self) -> Result<Vec<HostRecord>> {
        self.0.read(|db| Ok(db.prepare(SELECT)?.query_map([], read)?.collect::<Result<_, _>>()?))
    }

    pub(crate) fn get(&self, id: &str) -> Result<Option<HostRecord>> {
        self.0.read(|db| Ok(db.query_row(&format!("{SELECT} WHERE id = ?1"), [id], read).optional()?))
    }

    /// Writes a new host down, with a free range of ids. Errors: a bad id, no range free.
    pub(crate) fn add(&self, spec: &HostSpec) -> Result<HostRecord> {
        let rules = spec.rules.to_json()?;
        self.0.with(|db| {
            let transaction = db.transaction()?;
            let id_base = free_base(&transaction, &spec.id)?.ok_or_else(|| {
                Error::conflict(format!("this machine has room for {MOST} virtual hosts, and all are taken"))
            })?;
            let (limits, created) = (spec.limits, now());
            transaction.execute(
                "INSERT INTO hosts (id, hostname, workstation, id_base, memory, pids, millicpus, created, rules)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                (
                    &spec.id,
                    &spec.hostname,
                    &spec.workstation,
                    id_base,
                    signed(limits.memory),
                    signed(limits.pids),
                    signed(limits.millicpus),
                    created,
                    rules,
                ),
            )?;
            transaction.commit()?;
            Ok(HostRecord {
                id: spec.id.clone(),
                hostname: spec.hostname.clone(),
                workstation: spec.workstation.clone(),
                id_base,
                limits,
                rules: spec.rules.clone(),
                created,
            })
        })
    }

    /// What the host is called from now on.
    pub(crate) fn set_hostname(&self, id: &HostId, hostname: &str) -> Result<()> {
        self.0.with(|db| Ok(db.execute("UPDATE hosts SET hostname = ?2 WHERE id = ?1", (id, hostname)).map(drop)?))
    }

    /// The rules that hold for the host from now on.
    pub(crate) fn set_rules(&self, id: &HostId, rules: &HostRules) -> Result<()> {
        let rules = rules.to_json()?;
        self.0.with(|db| Ok(db.execute("UPDATE hosts SET rules = ?2 WHERE id = ?1", (id, &rules)).map(drop)?))
    }

    /// Forgets a host with its containers and tags.
    pub(crate) fn delete(&self, id: &HostId) -> Result<()> {
        self.0.with(|db| {
            let transaction = db.transaction()?;
            transaction.execute("DELETE FROM containers WHERE host = ?1", [id])?;
            transaction.execute("DELETE FROM tags WHERE host = ?1", [id])?;
            transaction.execute("DELETE FROM hosts WHERE id = ?1", [id])?;
            Ok(transaction.commit()?)
        })
    }
}

const SELECT: &str = "SELECT id, hostname, workstation, id_base, memory, pids, millicpus, created, rules FROM hosts";

/// The first range that nobody has.
fn free_base(db: &Connection, host: &HostId) -> rusqlite::Result<Option<u32>> {
    let mut taken = db.prepare("SELECT 1 FROM hosts WHERE id_base = ?1")?;
    for base in bases(host) {
        if !taken.exists([base])? {
            return Ok(Some(base));
        }
    }
    Ok(None)
}

/// All ranges, in the order in which they are tried for a host.
fn bases(host: &str) -> impl Iterator<Item = u32> {
    let first = first_tried(host);
    (0..SIGNED).map(move |n| (first + n) % SIGNED).chain(SIGNED..MOST).map(|number| FIRST_ID + number * IDS)
}

/// Where the search for a free range begins: elsewhere for each host, so that an engine over another data directory,
/// which this database knows nothing of, rarely gives the same range away.
fn first_tried(host: &str) -> u32 {
    let [a, b, ..] = Sha256::digest(host)[..] else { return 0 };
    u32::from(u16::from_be_bytes([a, b])) % SIGNED
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<HostRecord> {
    let unsigned = |column| row.get::<_, i64>(column).map(|number| number.unsigned_abs());
    Ok(HostRecord {
        id: row.get(0)?,
        hostname: row.get(1)?,
        workstation: row.get(2)?,
        id_base: row.get(3)?,
        limits: HostLimits { memory: unsigned(4)?, pids: unsigned(5)?, millicpus: unsigned(6)? },
        created: row.get(7)?,
        rules: serde_json::from_str(row.get_ref(8)?.as_str()?)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(8, Type::Text, Box::new(error)))?,
    })
}

/// SQLite's integers are signed; a limit above its range is no limit at all.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::{Scratch, rules};
    use std::collections::HashSet;

    #[test]
    fn five_thousand_hosts_have_ids_of_their_own() {
        let scratch = Scratch::new();
        let hosts = Hosts(Database::open(scratch.path()).unwrap());
        let limits = HostLimits { memory: 1 << 30, pids: 100, millicpus: 1000 };
        let mut numbers = HashSet::new();
        for number in 0..5000 {
            let id = HostId::new(&format!("s{number}")).unwrap();
            let spec =
                HostSpec { id: id.clone(), hostname: "ada".to_owned(), workstation: None, limits, rules: rules() };
            let record = hosts.add(&spec).unwrap();
            assert!(record.id_base >= FIRST_ID && record.id_base.checked_add(2 * IDS - 1).is_some());
            assert!(numbers.insert(record.number()));
            assert_eq!(hosts.get(&id).unwrap().map(|found| found.id_base), Some(record.id_base));
        }
        assert!(hosts.get("s5000").unwrap().is_none());
    }
}
