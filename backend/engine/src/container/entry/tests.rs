#![allow(clippy::unwrap_used, reason = "a test may")]
use super::*;
use crate::testing::{Scratch, container};
use crate::{Error, ErrorKind};
use rusqlite::Connection;
use std::sync::Barrier;
use std::thread;

/// A container of a host, both written down.
fn entry(scratch: &Scratch) -> Entry {
    let (db, host) = (Database::open(scratch.path()).unwrap(), HostId::new("h").unwrap());
    let record = Container { name: "first".into(), ..container() };
    db.with(|db| {
        db.execute("INSERT INTO hosts (id, hostname, id_base, memory, pids, millicpus, created) VALUES ('h', '', 0, 0, 0, 0, 0)", [])?;
        db.execute("INSERT INTO images VALUES (?1, x'', 0, 0)", [&record.image_id])?;
        db.execute("INSERT INTO host_images (host, image) VALUES ('h', ?1)", [&record.image_id])?;
        Ok(())
    })
    .unwrap();
    record::create(&db, &host, &record).unwrap();
    Entry::new(db, host, record)
}

/// What is written down, read as the next server will.
fn written(entry: &Entry) -> Option<Container> {
    let name = entry.db.with(|db| Ok(db.query_row("SELECT max(name) FROM containers", [], |row| row.get(0))?)).unwrap();
    let record = record::load(&entry.db, &entry.host).unwrap().pop();
    assert_eq!(record.as_ref().map(|record| &record.name), Option::<String>::as_ref(&name));
    record
}

/// Lets nobody write to the database, as a full disk does.
fn spoil(entry: &Entry, spoilt: bool) {
    entry.db.with(|db| Ok(db.pragma_update(None, "query_only", spoilt)?)).unwrap();
}

#[test]
fn what_is_decided_is_so_everywhere_or_nowhere() {
    let scratch = Scratch::new();
    let entry = entry(&scratch);
    let rename =
        |name: &'static str| entry.update(|container| Ok(std::mem::replace(&mut container.name, name.to_owned())));
    assert_eq!(rename("second").unwrap(), "first");
    let refused = entry.update(|container| {
        container.name = "refused".into();
        Err::<(), _>(Error::conflict("no"))
    });
    assert_eq!(refused.unwrap_err().kind, ErrorKind::Conflict);
    spoil(&entry, true);
    assert_eq!(rename("third").unwrap_err().kind, ErrorKind::System);
    assert_eq!(entry.delete().unwrap_err().kind, ErrorKind::System);
    spoil(&entry, false);
    assert_eq!(entry.record().name, "second");
    assert_eq!(written(&entry).unwrap(), *entry.record());
}

#[test]
fn what_has_happened_is_known_though_it_cannot_be_written_and_is_written_later() {
    let scratch = Scratch::new();
    let entry = entry(&scratch);
    spoil(&entry, true);
    entry.note(|container| container.state.exit_code = 7);
    spoil(&entry, false);
    assert_eq!((entry.record().state.exit_code, written(&entry).unwrap().state.exit_code), (7, 0));
    entry.note(|_| ());
    assert_eq!(written(&entry).unwrap(), *entry.record());
}

#[test]
fn what_is_deleted_stays_so() {
    let scratch = Scratch::new();
    let entry = entry(&scratch);
    let before = entry.record();
    entry.delete().unwrap();
    entry.note(|container| container.state.exit_code = 7);
    assert_eq!((before.state.status, entry.record().state.status), (Status::Created, Status::Removing));
    assert_eq!(written(&entry), None);
}

/// Two that write at once have to wait for the database, and get their turns in whatever order.
#[test]
fn of_two_changes_at_once_both_are_written() {
    let scratch = Scratch::new();
    let entry = entry(&scratch);
    let other = Connection::open(scratch.path().join("lernhafen.db")).unwrap();
    for round in 0..20 {
        let name = format!("name-{round}");
        let barrier = Barrier::new(3);
        thread::scope(|scope| {
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            scope.spawn(|| {
                barrier.wait();
                entry.update(|container| Ok(std::mem::replace(&mut container.name, name.clone()))).unwrap();
            });
            scope.spawn(|| {
                barrier.wait();
                entry.note(|container| container.state.exit_code = round);
            });
            barrier.wait();
            other.execute_batch("COMMIT").unwrap();
        });
        let record = entry.record();
        assert_eq!((&record.name, record.state.exit_code), (&name, round));
        assert_eq!(written(&entry).unwrap(), *record);
    }
}
