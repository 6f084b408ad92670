#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::testing::Scratch;

fn version(db: &Database) -> i64 {
    db.with(|c| Ok(c.pragma_query_value(None, "user_version", |row| row.get(0))?)).unwrap()
}

fn add_host(db: &Database, id: &str) -> Result<()> {
    db.with(|c| {
        c.execute("INSERT INTO hosts VALUES (?1, 'h', NULL, 65536, 0, 0, 0, 0, '{}')", [id])?;
        Ok(())
    })
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let dir = Scratch::new();
    add_host(&Database::open(dir.path()).unwrap(), "a").unwrap();
    let db = Database::open(dir.path()).unwrap();
    assert_eq!(usize::try_from(version(&db)).unwrap(), migrations::MIGRATIONS.len());
    let id: String = db.with(|c| Ok(c.query_row("SELECT id FROM hosts", [], |row| row.get(0))?)).unwrap();
    assert_eq!(id, "a");
}

#[test]
fn a_host_takes_its_containers_and_tags_along() {
    let dir = Scratch::new();
    let db = Database::open(dir.path()).unwrap();
    add_host(&db, "a").unwrap();
    let left: i64 = db
        .with(|c| {
            c.execute("INSERT INTO containers VALUES ('a', '1', 'n', '{}')", [])?;
            c.execute("INSERT INTO images VALUES ('sha256:0', x'', 0, 0)", [])?;
            c.execute("INSERT INTO tags VALUES ('a', 'x:latest', 'sha256:0')", [])?;
            c.execute("DELETE FROM hosts", [])?;
            Ok(c.query_row("SELECT (SELECT count(*) FROM containers) + (SELECT count(*) FROM tags)", [], |r| r.get(0))?)
        })
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_container_needs_its_host() {
    let dir = Scratch::new();
    let db = Database::open(dir.path()).unwrap();
    let added = db.with(|c| Ok(c.execute("INSERT INTO containers VALUES ('nobody', '1', 'n', '{}')", [])?));
    assert!(added.is_err());
}

#[test]
fn the_file_is_for_root_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Scratch::new();
    let db = Database::open(dir.path()).unwrap();
    add_host(&db, "a").unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
}

#[test]
fn a_newer_file_is_left_alone() {
    let dir = Scratch::new();
    let db = Database::open(dir.path()).unwrap();
    db.with(|c| Ok(c.pragma_update(None, "user_version", 1000)?)).unwrap();
    let error = Database::open(dir.path()).unwrap_err();
    assert!(error.message.contains("version 1000"), "{error}");
}

#[test]
fn what_is_no_database_is_refused() {
    let dir = Scratch::new();
    std::fs::write(dir.path().join("lernhafen.db"), vec![b'x'; 4096]).unwrap();
    let error = Database::open(dir.path()).unwrap_err();
    assert!(error.message.contains("lernhafen.db"), "{error}");
}

#[test]
fn reading_waits_for_nobody_and_writes_nothing() {
    let dir = Scratch::new();
    let db = Database::open(dir.path()).unwrap();
    let hosts = || db.read(|c| Ok(c.query_row("SELECT count(*) FROM hosts", [], |row| row.get::<_, i64>(0))?)).unwrap();
    db.with(|c| {
        let transaction = c.transaction()?;
        transaction.execute("INSERT INTO hosts VALUES ('a', 'h', NULL, 65536, 0, 0, 0, 0, '{}')", [])?;
        assert_eq!(hosts(), 0, "read while another writes");
        Ok(transaction.commit()?)
    })
    .unwrap();
    assert_eq!(hosts(), 1);
    assert!(db.read(|c| Ok(c.execute("DELETE FROM hosts", [])?)).is_err());
    assert_eq!(hosts(), 1, "the connection is as good as before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn whoever_waits_to_write_holds_up_no_other_task() {
    let dir = Scratch::new();
    let db = Database::open(dir.path()).unwrap();
    let (held, is_held) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let long = db.clone();
    let long = std::thread::spawn(move || {
        long.with(|_| {
            held.send(()).unwrap();
            may_go_on.recv().unwrap();
            Ok(())
        })
    });
    is_held.recv().unwrap();
    // Its only worker goes to whoever waits first; the second must get another.
    let waiting = tokio::spawn(async move { add_host(&db, "a") });
    let other = tokio::spawn(async move { go_on.send(()).unwrap() });
    other.await.unwrap();
    waiting.await.unwrap().unwrap();
    long.join().unwrap().unwrap();
}
