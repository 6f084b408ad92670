//! Files with holes.

use super::*;
use crate::testing::Tar;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

/// A file of 64 MiB with data in three places, and one that is a hole only.
fn write_holes(directory: &Path) {
    let file = fs::File::create(directory.join("holes")).unwrap();
    file.write_all_at(&[b'a'; 5000], 0).unwrap();
    file.write_all_at(&[b'b'; 4096], 20 << 20).unwrap();
    file.write_all_at(b"end", (64 << 20) - 3).unwrap();
    fs::File::create(directory.join("empty")).unwrap().set_len(8 << 20).unwrap();
    let many = fs::File::create(directory.join("many")).unwrap();
    (0..40).for_each(|i| many.write_all_at(&[i; 4096], u64::from(i) << 16).unwrap());
    fs::write(directory.join("after"), "after").unwrap();
}

#[test]
fn holes_stay_holes_in_every_form() {
    let source = Scratch::new();
    write_holes(source.path());
    for form in [
        &["--format=gnu"][..],
        &["--format=pax", "--sparse-version=0.0"],
        &["--format=pax", "--sparse-version=0.1"],
        &["--format=pax", "--sparse-version=1.0"],
    ] {
        let tar = Command::new("tar").args(form).args(["--sparse", "-C"]).arg(source.path()).args(["-c", "."]).output();
        let tar = tar.unwrap().stdout;
        assert!(tar.len() < 1 << 20, "{form:?}: tar has found no holes");
        let place = Place::new();
        let size = place.unpack(tar.as_slice()).map(|unpacked| unpacked.size);
        assert_eq!(size.ok(), Some((64 << 20) + (8 << 20) + (39 << 16) + 4096 + 5), "{form:?}");
        for name in ["holes", "empty", "many", "after"] {
            assert!(
                fs::read(source.path().join(name)).unwrap() == fs::read(place.root().join(name)).unwrap(),
                "{form:?} {name}"
            );
        }
        for name in ["holes", "empty"] {
            let blocks = fs::metadata(place.root().join(name)).unwrap().blocks();
            assert!(blocks < 200, "{form:?}: {name} takes {blocks} blocks");
        }
        // Wherever it is cut, within maps, too.
        for end in (0..tar.len()).step_by(512).filter(|end| end % (512 * 7) == 0) {
            let _ = Place::new().unpack(&tar[..end]);
        }
    }
}

#[test]
fn a_size_with_holes_counts_as_well() {
    let tar = Tar::new()
        .pax(&[("GNU.sparse.map", b"0,1"), ("GNU.sparse.size", b"1099511627776")])
        .file("huge", b"x", |_| {})
        .bytes();
    let place = Place::new();
    let error = place.unpack(tar.as_slice()).unwrap_err();
    assert!(error.message.contains("huge has 1099511627776 bytes"), "{error}");
    assert!(!place.root().join("huge").exists());
}

#[test]
fn maps_that_are_nonsense_are_refused() {
    type Records<'a> = &'a [(&'a str, &'a [u8])];
    let nonsense: [Records; 16] = [
        &[("GNU.sparse.map", b"0,2"), ("GNU.sparse.size", b"10")],
        &[("GNU.sparse.map", b"0,1"), ("GNU.sparse.size", b"0")],
        &[("GNU.sparse.map", b"5,1,0,0"), ("GNU.sparse.size", b"10")],
        &[("GNU.sparse.map", b"0"), ("GNU.sparse.size", b"10")],
        &[("GNU.sparse.map", b"0,-1"), ("GNU.sparse.size", b"10")],
        &[("GNU.sparse.map", b"9223372036854775807,1"), ("GNU.sparse.size", b"9223372036854775807")],
        &[("GNU.sparse.map", b"99999999999999999999,1"), ("GNU.sparse.size", b"10")],
        &[("GNU.sparse.map", b"0,1"), ("GNU.sparse.size", b"-10")],
        &[("GNU.sparse.map", b"0,1"), ("GNU.sparse.size", b"x")],
        &[("GNU.sparse.map", b"0,1"), ("GNU.sparse.realsize", b"-1")],
        &[("GNU.sparse.offset", b"0"), ("GNU.sparse.size", b"10")],
        &[("GNU.sparse.numbytes", b"0"), ("GNU.sparse.size", b"10")],
        &[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.realsize", b"10")],
        &[("GNU.sparse.major", b"2"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.realsize", b"10")],
        &[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"1")],
        &[("GNU.sparse.major", b"0"), ("GNU.sparse.minor", b"1"), ("GNU.sparse.size", b"10")],
    ];
    for records in nonsense {
        let tar = Tar::new().pax(records).file("a", b"x", |_| {}).bytes();
        assert!(Place::new().unpack(tar.as_slice()).is_err(), "{records:?}");
        let tar =
            Tar::new().pax(&[("GNU.sparse.map", b"0,0"), ("GNU.sparse.size", b"9")]).directory("a", |_| {}).bytes();
        assert!(Place::new().unpack(tar.as_slice()).is_err());
    }
}

#[test]
fn old_maps_that_are_nonsense_are_refused() {
    let sparse = |set: fn(&mut tar::GnuHeader)| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::GNUSparse);
        header.set_path("a").unwrap();
        header.set_size(1);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        let gnu = header.as_gnu_mut().unwrap();
        gnu.realsize = *b"00000000012\0";
        gnu.sparse[0].offset = *b"00000000002\0";
        gnu.sparse[0].numbytes = *b"00000000001\0";
        set(gnu);
        header.set_cksum();
        let mut block = [0; 512];
        block[0] = b'x';
        Tar::new().raw(header.as_bytes()).raw(&block).bytes()
    };
    let place = Place::new();
    place.unpack(sparse(|_| {}).as_slice()).unwrap();
    assert_eq!(fs::read(place.root().join("a")).unwrap(), b"\0\0x\0\0\0\0\0\0\0");
    let nonsense: [fn(&mut tar::GnuHeader); 7] = [
        |gnu| gnu.realsize = *b"00000000002\0",
        |gnu| gnu.realsize = [0xff; 12],
        |gnu| gnu.sparse[0].offset = [0xff; 12],
        |gnu| gnu.sparse[0].numbytes = *b"00000000002\0",
        |gnu| gnu.sparse[0].numbytes = *b"x0000000002\0",
        |gnu| gnu.isextended[0] = 1,
        // Another program's format has something else there.
        |gnu| gnu.magic = *b"ustar\0",
    ];
    for (index, set) in nonsense.into_iter().enumerate() {
        assert!(Place::new().unpack(sparse(set).as_slice()).is_err(), "{index}");
    }
}
