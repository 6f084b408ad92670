//! Valid archives, changed at random: every one becomes either a tree or an error, and nothing else.

use super::*;
use crate::testing::Tar;
use tar::EntryType;

/// Runs of the test; `LERNHAFEN_MUTATIONS` says how many there should be when somebody hunts for faults.
const RUNS: u64 = 3000;

#[test]
fn whatever_is_changed_in_an_archive() {
    let runs = std::env::var("LERNHAFEN_MUTATIONS").map_or(RUNS, |runs| runs.parse().unwrap());
    let seeds = [everything(), sparse("--format=gnu"), sparse("--format=pax")];
    let limits = Limits {
        entries: 200,
        bytes: 1 << 20,
        archive: 1 << 20,
        paths: 20_000,
        xattrs: 10,
        links: 50,
        ..Limits::default()
    };
    // In memory, where a run takes a third of a millisecond.
    let place = Place::new();
    let good = with_own_mounts(move || {
        mount(Some("tmpfs"), &place.root(), Some("tmpfs"), MsFlags::empty(), Some("size=64m")).unwrap();
        hunt(&place, runs, &seeds, limits)
    });
    // Neither kind is the rule: then the changes would be too small or too large to find anything.
    assert!(good > runs / 20 && good < runs / 20 * 19, "{good} of {runs} could be unpacked");
}

/// Answers how many archives could be unpacked.
fn hunt(place: &Place, runs: u64, seeds: &[Vec<u8>], limits: Limits) -> u64 {
    let (mut good, mut random) = (0, Random(0x2545_f491_4f6c_dd1d));
    for run in 0..runs {
        let mut tar = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(4) {
            mutate(&mut tar, &mut random);
        }
        if random.below(8) > 0 {
            tar.as_chunks_mut::<512>().0.iter_mut().for_each(fix_checksum);
        }
        match place.unpack_within(tar.as_slice(), limits) {
            Ok(_) => {
                good += 1;
                assert_tree_is_a_layers(place);
            }
            // The machine's fault would be one that nobody has thought of.
            Err(error) => assert_ne!(error.kind, crate::ErrorKind::System, "run {run}: {error}"),
        }
        for entry in fs::read_dir(place.root()).unwrap() {
            let path = entry.unwrap().path();
            if fs::symlink_metadata(&path).unwrap().is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            }
            .unwrap();
        }
    }
    good
}

/// Makes the sum right again in what looks like a header.
pub(super) fn fix_checksum(block: &mut [u8; 512]) {
    if &block[257..262] == b"ustar" {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().copied().map(u32::from).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
}

fn mutate(tar: &mut Vec<u8>, random: &mut Random) {
    /// What breaks programs that read numbers, names and records.
    const NASTY: [&[u8]; 16] = [
        b"../../x",
        b"/",
        b".wh..wh..opq\0",
        b".wh.a\0",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"777777777777",
        b"\0\0\0\0\0\0\0\0\0\0\0\0",
        b"00000001000\0",
        b"99999999999999999999 ",
        b"-1",
        b"30 size=99999999999999999999\n",
        b"0,0,0,0",
        b"\0",
        b"d/l/a\0",
        b"way/x\0",
    ];
    if tar.len() < 1024 {
        return;
    }
    let blocks = tar.len() / 512;
    let block = random.below(blocks) * 512;
    // The fields of a header that decide most.
    const FIELDS: [usize; 12] = [0, 100, 108, 116, 124, 136, 156, 157, 257, 345, 386, 482];
    let field = block + FIELDS[random.below(FIELDS.len())];
    match random.below(9) {
        0 => tar.truncate(random.below(tar.len())),
        1 => {
            let at = random.below(tar.len());
            tar[at] ^= 1 << random.below(8);
        }
        2 => {
            let copy = tar[block..block + 512].to_vec();
            let to = random.below(blocks) * 512;
            tar.splice(to..to, copy);
        }
        3 => drop(tar.drain(block..block + 512)),
        4 => tar[block + 156] = b"0123456789xgLKSVMDN\0"[random.below(20)],
        5 | 6 => {
            let nasty = NASTY[random.below(NASTY.len())];
            let length = nasty.len().min(tar.len() - field);
            tar[field..field + length].copy_from_slice(&nasty[..length]);
        }
        7 => {
            let to = random.below(blocks) * 512;
            let copy = tar[block..block + 512].to_vec();
            tar[to..to + 512].copy_from_slice(&copy);
        }
        _ => {
            let at = random.below(tar.len());
            tar[at] = b"0129 \0=,\n/.\xff"[random.below(12)];
        }
    }
}

fn assert_tree_is_a_layers(place: &Place) {
    for (path, seen) in snapshot::of(&place.root()) {
        seen.assert_is_a_layers(&path);
    }
}

fn everything() -> Vec<u8> {
    Tar::new()
        .directory("./", |_| {})
        .directory("d", |h| h.set_mode(0o2755))
        .file("d/a", &[b'x'; 700], |h| h.set_mode(0o4755))
        .link(EntryType::Symlink, "way", "d")
        .file("way/x", b"y", |_| {})
        .link(EntryType::Link, "d/b", "d/a")
        .xattrs(&[("user.a", b"1"), ("trusted.overlay.opaque", b"y")])
        .file("d/attributes", b"", |_| {})
        .link(EntryType::Symlink, "d/l", "/proc/self/root")
        .special("pipe", EntryType::Fifo)
        .special("null", EntryType::Char)
        .file("d/.wh.gone", b"", |_| {})
        .file("d/.wh..wh..opq", b"", |_| {})
        .pax(&[("path", b"d/long"), ("size", b"3"), ("mtime", b"-1.5"), ("uid", b"65535")])
        .file("d/a", b"abc", |_| {})
        .file("n".repeat(150), b"", |_| {})
        .link(EntryType::Symlink, "s", "t".repeat(150))
        .file("d", b"", |_| {})
        .bytes()
}

fn sparse(format: &str) -> Vec<u8> {
    let source = Scratch::new();
    let file = fs::File::create(source.path().join("holes")).unwrap();
    for i in 0..30 {
        std::os::unix::fs::FileExt::write_all_at(&file, &[b'x'; 512], i << 14).unwrap();
    }
    let mut tar = std::process::Command::new("tar");
    tar.args([format, "--sparse", "--hole-detection=raw", "-b1", "-C"]).arg(source.path()).args(["-c", "."]);
    tar.output().unwrap().stdout
}

/// Marsaglia's xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}
