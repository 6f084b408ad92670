#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::{Pack, TakenIn};
use crate::testing::Scratch;
use archive::Limits;
use rustix::fs::{CWD, FileType, XattrFlags, mknodat, setxattr};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const BASE: u32 = 0x2000_0000;

fn store(dir: &Scratch) -> Store {
    Store::open(dir.path(), Database::open(dir.path()).unwrap()).unwrap()
}

fn pack(upper: &Path) -> Pack {
    Pack::new(&File::open(upper).unwrap().into(), BASE).unwrap()
}

fn take_in(store: &Store, upper: &Path) -> String {
    let TakenIn { layer, .. } = store.take_in_pack(pack(upper), Limits::default()).unwrap();
    layer.diff_id
}

fn archive(store: &Store, diff_id: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.open_layer(diff_id).unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(crate::store::digest::sha256(&bytes), diff_id);
    bytes
}

/// Some of all that a container can have.
fn fill(upper: &Path) {
    for directory in ["a", "a/b", "opaque"] {
        fs::create_dir(upper.join(directory)).unwrap();
    }
    fs::write(upper.join("a/large"), vec![7; 300_000]).unwrap();
    fs::write(upper.join("a/b/small"), "small").unwrap();
    fs::write(upper.join("a/b").join("l".repeat(150)), "long").unwrap();
    fs::write(upper.join("empty"), "").unwrap();
    fs::hard_link(upper.join("a/large"), upper.join("again")).unwrap();
    std::os::unix::fs::symlink("a/large", upper.join("link")).unwrap();
    mknodat(CWD, upper.join("gone"), FileType::CharacterDevice, Mode::RUSR, 0).unwrap();
    setxattr(upper.join("opaque"), "trusted.overlay.opaque", b"y", XattrFlags::empty()).unwrap();
    setxattr(upper.join("a/b/small"), "user.x", b"1", XattrFlags::empty()).unwrap();
    // Called as a whiteout is: the layer has it not.
    fs::write(upper.join(".wh.link"), "content of a whiteout").unwrap();
}

#[test]
fn the_archive_is_the_same_to_the_byte_and_kept_once() {
    let (dir, upper) = (Scratch::new(), Scratch::new());
    fill(upper.path());
    let store = store(&dir);
    let diff_id = take_in(&store, upper.path());
    let mut expected = Vec::new();
    pack(upper.path()).read_to_end(&mut expected).unwrap();
    assert!(archive(&store, &diff_id) == expected);
    assert!(store.keeps_archive(&diff_id).unwrap());
    assert_eq!(store.blobs_of_layer(&diff_id).unwrap(), []);
    assert_eq!(fs::read_dir(dir.path().join("blobs")).unwrap().count(), 0);
    assert_eq!(take_in(&store, upper.path()), diff_id, "twice is once");
}

#[test]
fn what_is_too_large_for_the_database_becomes_an_archive() {
    let (dir, upper) = (Scratch::new(), Scratch::new());
    fill(upper.path());
    let mut noise = vec![0; 3 * SMALL];
    File::open("/dev/urandom").unwrap().read_exact(&mut noise).unwrap();
    fs::write(upper.path().join(".wh.noise"), noise).unwrap();
    let store = store(&dir);
    let diff_id = take_in(&store, upper.path());
    assert_eq!(store.blobs_of_layer(&diff_id).unwrap().len(), 1);
    archive(&store, &diff_id);
}

#[test]
fn after_a_crash_the_layer_is_made_again_of_what_is_whole_or_goes() {
    let (dir, upper) = (Scratch::new(), Scratch::new());
    fill(upper.path());
    let store = store(&dir);
    let whole = take_in(&store, upper.path());
    fs::write(upper.path().join("a/b/small"), "other").unwrap();
    let damaged = take_in(&store, upper.path());
    // Content that lasted and a mode that did not; content that did not.
    fs::set_permissions(store.layer_path(&whole).join("a/b/small"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::write(store.layer_path(&damaged).join("a/b/small"), "").unwrap();
    let crash = "UPDATE layers SET unsynced = 'another 1'";
    store.db.with(|connection| Ok(connection.execute(crash, [])?)).unwrap();
    drop(store);

    let store = self::store(&dir);
    archive(&store, &whole);
    let metadata = fs::metadata(store.layer_path(&whole).join("a/b/small")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o644);
    assert_eq!(store.find_layer(&damaged).unwrap(), None);
    assert_eq!(fs::read_dir(dir.path().join("layers")).unwrap().count(), 1);
}

#[test]
fn a_skeleton_leads_nowhere_but_into_its_layer() {
    let dir = Scratch::new();
    fs::create_dir(dir.path().join("layer")).unwrap();
    fs::write(dir.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret", dir.path().join("layer/link")).unwrap();
    let store = store(&dir);
    for path in ["../secret", "/etc/passwd", "link", "missing"] {
        let mut recorder = Recorder::new(store.clone()).unwrap();
        recorder.content(path.as_bytes(), 6).unwrap();
        let Spool::Memory { bytes, .. } = recorder.finish().unwrap() else { panic!("it is small") };
        let layer = unfinished::open(&dir.path().join("layer")).unwrap();
        let mut archive = Archive::new(io::Cursor::new(bytes), layer).unwrap();
        assert!(archive.read_to_end(&mut Vec::new()).is_err(), "{path}");
    }
}
