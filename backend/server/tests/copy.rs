//! `docker cp` and `docker export`: what is copied, in whose words it fails, and what hostile containers and archives can't do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Stdio;
use tar::{EntryType, Header};

const SLEEPER: [&str; 7] = ["run", "-d", "--name", "c1", "busybox", "sh", "-c"];

impl Engine {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    /// A container that does something first, and then sleeps.
    fn sleeper(&self, first: &str) {
        self.docker(&[&SLEEPER[..], &[&format!("{first}\ntouch /ready; sleep 1000")]].concat()).ok();
        eventually("the container is ready", || self.docker(&["exec", "c1", "ls", "/ready"]).code == 0);
    }

    fn put(&self, tar: &[u8], target: &str) -> common::Answer {
        let mut child = self
            .docker_command(&["cp", "-", target])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // One that is refused isn't read to its end.
        let _ = child.stdin.take().unwrap().write_all(tar);
        child.wait_with_output().unwrap().into()
    }
}

fn tar(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, target) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o640);
        header.set_uid(1000);
        header.set_gid(1001);
        let data: &[u8] = if *kind == EntryType::Regular { b"hello" } else { b"" };
        header.set_size(data.len() as u64);
        if name.len() > 100 {
            builder.append_data(&mut header, name, data).unwrap();
            continue;
        }
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        builder.append(&header, data).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn files_go_in_and_out_of_containers_in_every_state() {
    let engine = Engine::start();
    fs::create_dir_all(engine.path("dir/sub")).unwrap();
    fs::write(engine.path("dir/a"), "a").unwrap();
    fs::set_permissions(engine.path("dir/a"), fs::Permissions::from_mode(0o4711)).unwrap();
    std::os::unix::fs::symlink("a", engine.path("dir/l")).unwrap();
    engine.docker(&["create", "--name", "c1", "busybox", "sleep", "1000"]).ok();
    for (state, command) in [("created", &["ps"][..]), ("running", &["start", "c1"]), ("stopped", &["kill", "c1"])] {
        engine.docker(command).ok();
        engine.docker(&["cp", &engine.text("dir"), &format!("c1:/{state}")]).ok();
        engine.docker(&["cp", &format!("c1:/{state}/."), &engine.text(state)]).ok();
        let out = fs::symlink_metadata(engine.path(state).join("a")).unwrap();
        assert_eq!((out.mode() & 0o7777, out.size()), (0o4711, 1), "{state}");
        assert_eq!(fs::read_link(engine.path(state).join("l")).unwrap(), PathBuf::from("a"), "{state}");
        assert!(engine.path(state).join("sub").is_dir(), "{state}");
        engine.docker(&["cp", "-L", &format!("c1:/{state}/l"), &engine.text("followed")]).ok();
        assert_eq!(fs::read_to_string(engine.path("followed")).unwrap(), "a", "{state}");
        engine.docker(&["cp", "c1:/etc/hosts", &engine.text("hosts")]).ok();
        assert!(fs::read_to_string(engine.path("hosts")).unwrap().contains("localhost"), "{state}: as it is mounted");
        engine.docker(&["export", "-o", &engine.text("all.tar"), "c1"]).ok();
        let mut all = tar::Archive::new(fs::File::open(engine.path("all.tar")).unwrap());
        let names: Vec<_> = all.entries().unwrap().map(|e| e.unwrap().path().unwrap().display().to_string()).collect();
        assert!(names.contains(&format!("{state}/a")) && names.contains(&"bin/busybox".to_owned()), "{names:?}");
        assert!(!names.iter().any(|name| name.starts_with("proc/s")), "{names:?}");
    }
    engine.docker(&["start", "c1"]).ok();
    assert_eq!(engine.docker(&["exec", "c1", "cat", "/created/a", "/running/a", "/stopped/l"]).ok(), "aaa");
}

#[test]
fn owners_are_those_of_the_archive_or_of_the_containers_user() {
    let engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "c1", "--user", "7:8", "busybox", "sleep", "1000"]).ok();
    let owner = || engine.docker(&["exec", "c1", "stat", "-c", "%u:%g %a", "/tmp/f"]).ok();
    let archive = tar(&[("f", EntryType::Regular, "")]);
    engine.put(&archive, "c1:/tmp").ok();
    assert_eq!(owner(), "1000:1001 640");
    let mut child = engine.docker_command(&["cp", "-a", "-", "c1:/tmp"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&archive).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(owner(), "7:8 640");
}

#[test]
fn it_fails_in_dockers_words() {
    let engine = Engine::start();
    engine.sleeper("mkdir -p /d/sub; echo x > /d/file; ln -s /d /dl; ln -s /nowhere /dangle");
    fs::create_dir(engine.path("dir")).unwrap();
    fs::write(engine.path("f"), "f").unwrap();
    let (file, dir, out) = (engine.text("f"), engine.text("dir"), engine.text("out"));
    let missing = "Could not find the file /nope in container c1";
    for (from, to, words) in [
        ("c1:/nope", &*out, missing),
        ("c1:/d/file/x", &*out, "lstat /d/file/x: not a directory"),
        ("c1:/proc/version", &*out, "Could not find the file /proc/version in container c1"),
        ("c9:/d", &*out, "No such container: c9"),
        (&*file, "c1:/nope/x", missing),
        (&*file, "c1:/nope/", "no such directory"),
        (&*file, "c1:/d/file/x", "extraction point is not a directory"),
        (&*dir, "c1:/d/file", "cannot copy directory"),
        (&*file, "c1:/etc/hostname", "RemoveAll hostname: device or resource busy"),
        (&*file, "c1:/proc/sys/kernel/hostname", "Could not find the file /proc/sys/kernel in container c1"),
    ] {
        engine.docker(&["cp", from, to]).fails_with(1, words);
    }
    engine.docker(&["cp", &file, "c1:/dl"]).ok();
    assert_eq!(engine.docker(&["exec", "c1", "cat", "/d/f"]).ok(), "f", "a link to a directory is followed");
    engine.docker(&["cp", &file, "c1:/dangle"]).ok();
    assert_eq!(engine.docker(&["exec", "c1", "cat", "/nowhere"]).ok(), "f", "and one to nothing");
    engine.docker(&["run", "-d", "--name", "ro", "--read-only", "busybox", "sleep", "1000"]).ok();
    engine.docker(&["cp", &file, "ro:/x"]).fails_with(1, "container rootfs is marked read-only");
    // The client must get rid of all of it, or it complains of that as well.
    fs::File::create(engine.path("large")).unwrap().set_len(80 << 20).unwrap();
    let refused = engine.docker(&["cp", &engine.text("large"), "ro:/x"]);
    assert_eq!(refused.err, "Error response from daemon: container rootfs is marked read-only\n");
    engine.docker(&["cp", "ro:/etc/passwd", &out]).ok();
}

#[test]
fn an_archive_reaches_nothing_outside_of_its_directory() {
    let engine = Engine::start();
    engine.sleeper("mkdir -p /d/sub; echo x > /d/file; mkfifo /d/fifo");
    let outside = engine.path("outside");
    fs::create_dir(&outside).unwrap();
    let way = outside.to_string_lossy().into_owned();
    let long = "x".repeat(10_000);
    use EntryType as E;
    for (entries, words) in [
        (vec![("../dd", E::Regular, "")], "invalid entry name \"../dd\""),
        (vec![("a/../../dd", E::Regular, "")], "invalid entry name"),
        (vec![("h", E::Link, "../etc/passwd")], "invalid hardlink target \"../etc/passwd\""),
        (vec![("h", E::Link, "/etc/passwd")], "Could not find the file /d in container c1"),
        (vec![("null", E::Char, "")], "operation not permitted"),
        (vec![("disk", E::Block, "")], "operation not permitted"),
        (vec![(&*long, E::Regular, "")], "file name too long"),
        (vec![("sub", E::Regular, "")], "cannot overwrite directory \"sub\" with non-directory \"/d\""),
        (vec![("file", E::Directory, "")], "cannot overwrite non-directory \"file\" with directory \"/d\""),
        (vec![("w", E::Symlink, &*way), ("w/evil", E::Regular, "")], ""),
        (vec![("w2", E::Symlink, "../../../../../.."), ("w2/evil", E::Regular, "")], ""),
    ] {
        let answer = engine.put(&tar(&entries), "c1:/d");
        assert!(words.is_empty() || answer.code == 1 && answer.err.contains(words), "{entries:?}: {answer:?}");
    }
    // As in Go: an empty field is 0.
    let mut header = Header::new_gnu();
    header.set_path("sparse").unwrap();
    header.set_size(0);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, &b""[..]).unwrap();
    engine.put(&builder.into_inner().unwrap(), "c1:/d").ok();
    assert_eq!(engine.docker(&["exec", "c1", "stat", "-c", "%u %g %a", "/d/sparse"]).ok(), "0 0 0");
    for (rubbish, words) in
        [(&b"garbage"[..], "unexpected EOF"), (&[0xa5; 2000], "invalid tar header"), (b"BZh91AY", "bzip2")]
    {
        engine.put(rubbish, "c1:/d").fails_with(1, words);
    }
    engine.put(&tar(&[("/abs", E::Regular, ""), ("fifo", E::Regular, "")]), "c1:/d").ok();
    assert_eq!(engine.docker(&["exec", "c1", "cat", "/d/abs", "/d/fifo"]).ok(), "hellohello");
    engine.put(&tar(&[("w3", E::Symlink, "/made"), ("w3/sub/f", E::Regular, "")]), "c1:/d").ok();
    assert_eq!(engine.docker(&["exec", "c1", "cat", "/d/made/sub/f"]).ok(), "hello", "as Docker: links stay inside");
    let round = [("r1", E::Symlink, "r2"), ("r2", E::Symlink, "r1"), ("r1/f", E::Regular, "")];
    engine.put(&tar(&round), "c1:/d").fails_with(1, "symbolic links");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "nothing of the machine was touched");
    assert!(!PathBuf::from("/evil").exists() && !PathBuf::from("/dd").exists());
}

#[test]
fn a_container_that_swaps_links_meanwhile_gains_nothing() {
    let engine = Engine::start();
    let outside = engine.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "the machine's").unwrap();
    let way = outside.to_string_lossy();
    engine.sleeper(&format!(
        "mkdir -p /real /swap; echo own > /real/secret
         (while :; do rm -rf /swap; ln -s {way} /swap; rm /swap; cp -r /real /swap; mkfifo /swap/p; done) &"
    ));
    fs::write(engine.path("f"), "f").unwrap();
    for _ in 0..40 {
        engine.docker(&["cp", &engine.text("f"), "c1:/swap/new"]);
        let _ = fs::remove_file(engine.path("out"));
        engine.docker(&["cp", "c1:/swap/secret", &engine.text("out")]);
        engine.put(&tar(&[("swap/evil", EntryType::Regular, "")]), "c1:/");
        if let Ok(copied) = fs::read_to_string(engine.path("out")) {
            assert!(copied == "own\n" || copied.is_empty(), "{copied}");
        }
    }
    let left: Vec<_> = fs::read_dir(&outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["secret"]);
}

#[test]
fn a_helper_ends_with_its_client_and_with_its_container() {
    let engine = Engine::start();
    engine.sleeper("dd if=/dev/zero of=/big bs=1M count=20 2>/dev/null");
    let quiet = engine.tenants().len();
    // An archive whose one file never ends, and a client that goes.
    let mut child = engine.docker_command(&["cp", "-", "c1:/tmp"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut header = Header::new_gnu();
    header.as_old_mut().name[0] = b'e';
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(1 << 40);
    header.set_cksum();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(header.as_bytes()).unwrap();
    stdin.write_all(&[b'x'; 1 << 20]).unwrap();
    eventually("the helper works", || engine.tenants().len() > quiet);
    eventually("it is confined", || engine.tenants().into_iter().any(is_confined_helper));
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("it ends with its client", || engine.tenants().len() == quiet);

    // One that nobody reads, and a container that goes.
    let mut child = engine.docker_command(&["cp", "c1:/big", "-"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut beginning = [0; 1024];
    child.stdout.as_mut().unwrap().read_exact(&mut beginning).unwrap();
    eventually("the helper works", || engine.tenants().len() > quiet);
    engine.docker(&["rm", "-f", "c1"]).ok();
    eventually("it ends with its container", || engine.tenants().len() < quiet);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Whether a process has the helper's five capabilities and no way to more, a filter, root of a virtual host as its user, a root without
/// the kernel's file systems, and no files but standard ones, its two sockets, and those of the container that it works on.
fn is_confined_helper(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().unwrap_or_default().to_owned()
    };
    // chown, dac_override, fowner, fsetid, setfcap
    let capabilities = format!("{:016x}", 1u64 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 31);
    if field("Seccomp:") != "2" || field("NoNewPrivs:") != "1" || field("CapBnd:") != capabilities {
        return false;
    }
    assert_eq!((field("CapEff:"), field("CapPrm:")), (capabilities.clone(), capabilities));
    assert_eq!((field("CapInh:"), field("CapAmb:")), (format!("{:016x}", 0), format!("{:016x}", 0)));
    assert!(field("Uid:").parse::<u32>().unwrap() >= 0x7000_0000, "{status}");
    let root = PathBuf::from(format!("/proc/{pid}/root"));
    assert!(root.join("bin/busybox").exists() && root.join("tmp").exists());
    assert_eq!(fs::read_dir(root.join("proc")).unwrap().count(), 0, "no /proc");
    assert_eq!(fs::read_dir(root.join("sys")).unwrap().count(), 0, "no /sys");
    let fds = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let names: Vec<_> =
        fds.flatten().map(|fd| fs::read_link(fd.path()).unwrap_or_default().display().to_string()).collect();
    let allowed = |name: &String| {
        name == "/dev/null" || name.starts_with("socket:") || name.is_empty() || name == "/" || name.starts_with("/tmp")
    };
    assert!(names.iter().all(allowed), "{names:?}");
    let null = names.iter().filter(|name| name.contains("null")).count();
    let sockets = names.iter().filter(|name| name.starts_with("socket:")).count();
    assert!((null, sockets) == (3, 2), "{names:?}");
    true
}

#[test]
fn copies_are_events() {
    let engine = Engine::start();
    engine.docker(&["create", "--name", "c1", "busybox"]).ok();
    fs::write(engine.path("f"), "f").unwrap();
    engine.docker(&["cp", &engine.text("f"), "c1:/x"]).ok();
    engine.docker(&["cp", "c1:/x", &engine.text("g")]).ok();
    let soon = common::seconds_from_now(1);
    let events = engine.docker(&["events", "--since", "0", "--until", &soon, "--format", "{{.Action}}"]);
    assert_eq!(events.out.lines().collect::<Vec<_>>(), ["create", "extract-to-dir", "archive-path"]);
}
