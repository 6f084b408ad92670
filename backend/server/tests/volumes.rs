//! Volumes and binds from both sides, and what a tenant can't do with them: reach the machine's files, leave something behind.
//!
//! What the CLI shows of them is compared with dockerd's in `transcripts/volumes.txt` and `transcripts/binds.txt`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::workshop::Workshop;
use common::{Engine, eventually};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What no container may ever see.
const SECRET: &str = "what-the-machine-has";

impl Engine {
    fn busybox(&self, mount: &str, script: &str) -> common::Answer {
        self.docker(&["run", "--rm", "-v", mount, "busybox", "sh", "-c", script])
    }

    /// Kills the keeper and with it the host, and has another begin over the same files.
    fn lose_keeper(&mut self) {
        Command::new("kill").args(["-9", &self.keeper().to_string()]).status().unwrap();
        self.kill_server();
        self.start_again();
    }

    /// The directory of all volumes, as the machine's root finds it.
    fn volumes(&self) -> PathBuf {
        self.host_files().join("volumes")
    }

    /// A directory of the machine with a secret in it.
    fn outside(&self) -> PathBuf {
        let outside = self.dir.join("outside");
        fs::create_dir_all(outside.join("_data")).unwrap();
        fs::write(outside.join("secret"), SECRET).unwrap();
        fs::write(outside.join("_data/secret"), SECRET).unwrap();
        outside
    }
}

#[test]
fn both_sides_see_what_the_other_has_written() {
    let engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "db", "-v", "daten:/srv", "busybox", "sleep", "1000"]).ok();
    engine.docker(&["exec", "db", "sh", "-c", "echo inside > /srv/a; chown 7:8 /srv/a"]).ok();
    let shown = engine.docker(&["volume", "inspect", "-f", "{{.Mountpoint}}", "daten"]).ok();
    assert_eq!(shown, "/var/lib/docker/volumes/daten/_data");
    let workstation = PathBuf::from(format!("/proc/{}/root{shown}", engine.inside()));
    assert_eq!(fs::read_to_string(workstation.join("a")).unwrap(), "inside\n");
    fs::write(workstation.join("b"), "outside").unwrap();
    assert_eq!(engine.docker(&["exec", "db", "cat", "/srv/b"]).ok(), "outside");
    // The same by a bind of the path that inspect shows.
    let by_path = engine.busybox(&format!("{shown}:/x"), "stat -c %u:%g /x/a; cat /x/b");
    assert_eq!(by_path.ok(), "7:8\noutside");
    engine.docker(&["rm", "-f", "db"]).ok();
    engine.docker(&["volume", "rm", "daten"]).ok();
    assert!(!workstation.exists());
}

#[test]
fn volumes_outlive_server_and_host() {
    let mut engine = Engine::start();
    engine
        .docker(&["run", "-d", "--name", "user", "-v", "daten:/srv", "-v", "/anonymous", "busybox", "sleep", "1000"])
        .ok();
    engine.docker(&["exec", "user", "sh", "-c", "echo kept > /srv/a; sync"]).ok();
    engine.docker(&["volume", "create", "--label", "a=b", "labelled"]).ok();
    let before = engine.docker(&["volume", "inspect", "daten", "labelled"]).ok();
    engine.kill_server();
    engine.start_again();
    assert_eq!(engine.docker(&["volume", "inspect", "daten", "labelled"]).ok(), before);
    engine.docker(&["volume", "rm", "daten"]).fails_with(1, "volume is in use");
    assert_eq!(engine.docker(&["exec", "user", "cat", "/srv/a"]).ok(), "kept");

    engine.lose_keeper();
    engine.docker(&["start", "user"]).ok();
    assert_eq!(engine.docker(&["exec", "user", "cat", "/srv/a"]).ok(), "kept");
    assert_eq!(engine.docker(&["volume", "inspect", "daten", "labelled"]).ok(), before);
    engine.docker(&["rm", "-fv", "user"]).ok();
    assert_eq!(engine.docker(&["volume", "ls", "-q"]).ok(), "daten\nlabelled");
}

#[test]
fn links_lead_nowhere_outside_of_the_host() {
    let engine = Engine::start();
    let outside = engine.outside();
    let outside = outside.to_str().unwrap();
    for volume in ["whole", "data", "sub"] {
        engine.docker(&["volume", "create", volume]).ok();
    }
    // Who has the workstation's root can do this there.
    let made = format!(
        "cd /host/var/lib/docker/volumes && rm -r whole data/_data && ln -s {outside} whole && ln -s {outside} data/_data &&
         ln -s {outside} sub/_data/absolute && ln -s ../../../../../../../../..{outside} sub/_data/relative &&
         ln -s /proc/1/root sub/_data/magic && mkdir sub/_data/fine && ln -s fine sub/_data/link &&
         ln -s {outside} /host/run/absolute && ln -s ../../../../../../../..{outside} /host/run/relative &&
         ln -s /proc/1/root{outside} /host/run/magic && ln -s /proc/self/cwd /host/run/cwd"
    );
    engine.busybox("/:/host", &made).ok();
    let look = "cat /x/secret /x/_data/secret; ls -a /x";
    for volume in ["whole", "data"] {
        let answer = engine.busybox(&format!("{volume}:/x:nocopy"), look);
        assert!(answer.code == 125 && answer.err.contains("error while mounting volume"), "{answer:?}");
        let copied = engine.busybox(&format!("{volume}:/etc"), "ls /etc");
        assert!(copied.code == 125, "{copied:?}");
    }
    assert_eq!(fs::read_dir(outside).unwrap().count(), 2, "nothing was copied there");
    let subpath = |path: &str| {
        let mount = format!("type=volume,source=sub,target=/x,volume-subpath={path}");
        engine.docker(&["run", "--rm", "--mount", &mount, "busybox", "sh", "-c", look])
    };
    for path in ["absolute", "relative", "magic", "magic/etc"] {
        let answer = subpath(path);
        assert!(answer.code == 125 && answer.err.contains("cannot access path"), "{path}: {answer:?}");
    }
    assert_eq!(subpath("link").out, ".\n..\n");
    for path in
        ["/run/absolute", "/run/relative", "/run/magic", "/run/cwd", "/proc/1/root", &format!("/proc/1/root{outside}")]
    {
        let answer = engine.busybox(&format!("{path}:/x"), look);
        assert!(answer.code != 0 && !answer.out.contains(SECRET), "{path}: {answer:?}");
        let mount = format!("type=bind,source={path},target=/x");
        let answer = engine.docker(&["run", "--rm", "--mount", &mount, "busybox", "sh", "-c", look]);
        assert!(answer.code != 0 && !answer.out.contains(SECRET), "{path}: {answer:?}");
    }
    // A path of the machine is one of the workstation, which has none of that name: it gets a directory there.
    let answer = engine.busybox(&format!("{outside}:/x"), look);
    assert!(!answer.out.contains(SECRET) && answer.out.ends_with(".\n..\n"), "{answer:?}");
    // What has been put in a volume's place goes with it; what it led to stays.
    engine.docker(&["volume", "rm", "whole", "data", "sub"]).ok();
    assert_eq!(fs::read_to_string(Path::new(outside).join("secret")).unwrap(), SECRET);
}

#[test]
fn a_race_between_look_and_mount_is_lost() {
    let engine = Engine::start();
    let outside = engine.outside();
    let outside = outside.to_str().unwrap();
    engine.docker(&["volume", "create", "swapped"]).ok();
    let swap = format!(
        "mkdir -p /host/run/swapped; cd /host
         while :; do for it in run/swapped var/lib/docker/volumes/swapped/_data; do
            mv $it $it.away; ln -s ../../../../../../../..{outside} $it; rm $it
            ln -s /proc/1/root{outside} $it; rm $it; mv $it.away $it
         done; done"
    );
    let script = "cat /a/secret /a/_data/secret /b/secret /b/_data/secret; ls /a /b";
    let binds = ["-v", "/run/swapped:/a", "-v", "swapped:/b"];
    engine.docker(&[&["create", "--name", "racer"][..], &binds, &["busybox", "sh", "-c", script]].concat()).ok();
    engine.docker(&["run", "-d", "--name", "swapper", "-v", "/:/host", "busybox", "sh", "-c", &swap]).ok();
    let mut started = 0;
    for _ in 0..120 {
        let answer = engine.docker(&["start", "-a", "racer"]);
        assert!(!answer.out.contains(SECRET) && !answer.err.contains(SECRET), "{answer:?}");
        started += usize::from(!answer.err.contains("Error response from daemon"));
    }
    assert!(started > 0, "the race was never even run");
    engine.docker(&["rm", "-f", "swapper", "racer"]).ok();
}

#[test]
fn attributes_and_rights_are_copied_and_devices_are_not() {
    let engine = Engine::start();
    let prepare = "mkdir /data && cp /bin/busybox /data/able && cp /bin/busybox /data/suid && chmod 4755 /data/suid &&
        mkdir -p /data/a/b/c && chmod 711 /data/a && touch -d '2001-02-03 04:05:06' /data/a/b && echo deep > /data/a/b/c/d &&
        ln /data/a/b/c/d /data/again && ln -s /nowhere /data/dangling";
    engine.docker(&["run", "--name", "seed", "busybox", "sh", "-c", prepare]).ok();
    engine.docker(&["commit", "seed", "seeded"]).ok();
    // A capability, as no program of busybox sets one: on the layer that the next container has for its own.
    let able = engine.docker(&["create", "--name", "able", "seeded", "true"]).ok();
    let upper = engine.host_files().join("containers").join(able).join("upper");
    let id = std::os::unix::fs::MetadataExt::uid(&fs::metadata(&upper).unwrap());
    fs::create_dir_all(upper.join("data")).unwrap();
    fs::write(upper.join("data/capable"), "x").unwrap();
    std::os::unix::fs::chown(upper.join("data"), Some(id), Some(id)).unwrap();
    // VFS_CAP_REVISION_3 with CAP_NET_RAW permitted and effective, of the host's root.
    let mut capability = vec![1, 0, 0, 3, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    capability.extend(id.to_le_bytes());
    let path = upper.join("data/capable");
    let flags = rustix::fs::XattrFlags::empty();
    rustix::fs::setxattr(&path, "security.capability", &capability[..24], flags).unwrap();
    rustix::fs::setxattr(&path, "user.origin", b"image", flags).unwrap();
    engine.docker(&["commit", "able", "seeded"]).ok();

    let look = "cd /data; stat -c '%a %h %n' . a again suid; stat -c %Y a/b; cat again a/b/c/d; readlink dangling";
    let answer = engine.docker(&["run", "--rm", "-v", "copied:/data", "seeded", "sh", "-c", look]).ok();
    assert_eq!(answer, "755 3 .\n711 3 a\n644 2 again\n4755 1 suid\n981173106\ndeep\ndeep\n/nowhere");
    let copied = engine.volumes().join("copied/_data/capable");
    let mut value = [0; 64];
    let length = rustix::fs::getxattr(&copied, "security.capability", &mut value[..]).unwrap();
    assert_eq!(&value[..length], &capability[..24], "still the host's root's only");
    assert_eq!(rustix::fs::getxattr(&copied, "user.origin", &mut value[..]).unwrap(), 5);
}

#[test]
fn a_killed_keeper_leaves_no_volume_half_filled() {
    let mut engine = Engine::start();
    let many = "mkdir /data; i=0; while [ $i -lt 3000 ]; do echo $i > /data/$i; i=$((i + 1)); done";
    engine.docker(&["run", "--name", "seed", "busybox", "sh", "-c", many]).ok();
    engine.docker(&["commit", "-c", "VOLUME /data", "seed", "many"]).ok();
    let staged = |engine: &Engine| fs::read_dir(engine.host_files().join("trash")).is_ok_and(|all| all.count() > 0);
    for _ in 0..4 {
        let create = ["create", "--name", "box", "-v", "named:/data", "many"];
        let mut child = engine.docker_command(&create).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("it is being filled, or done", || staged(&engine) || child.try_wait().unwrap().is_some());
        engine.lose_keeper();
        child.wait().unwrap();
        engine.docker(&["ps"]).ok();
        let volumes = engine.docker(&["volume", "ls", "-q"]).ok();
        let on_disk = fs::read_dir(engine.volumes()).unwrap().count();
        // All or nothing.
        if volumes.is_empty() {
            assert_eq!(on_disk, 0, "a directory that nobody knows of");
        } else {
            assert_eq!(engine.busybox("named:/n", "ls /n | wc -l").ok(), "3000");
        }
        let _ = engine.docker(&["rm", "-f", "box"]);
        engine.docker(&["volume", "rm", "-f", "named"]).ok();
    }
    eventually("nothing waits to be deleted", || !staged(&engine));
}

#[test]
fn mounts_of_one_container_have_a_number_that_ends() {
    let engine = Engine::start();
    let many: Vec<String> = (0..400).map(|number| format!("-v=/run/{}:/x{number}", "long".repeat(20))).collect();
    let run = |mounts: &[String]| {
        let options: Vec<&str> = mounts.iter().map(String::as_str).collect();
        engine.docker(&[&["run", "--rm"][..], &options, &["busybox", "sh", "-c", "ls -d /x* | wc -l"]].concat())
    };
    run(&many).fails_with(125, "too many for one container");
    assert_eq!(run(&many[..100]).ok(), "100");
}

#[test]
fn volumes_have_a_number_and_a_size_that_end() {
    let engine = Engine::start_with(&["--disk-mib", "128"]);
    let full = engine.busybox("big:/x", "dd if=/dev/zero of=/x/full bs=1M count=200");
    assert!(full.code != 0 && full.err.contains("No space left on device"), "{full:?}");
    engine.docker(&["volume", "rm", "big"]).ok();
    eventually("there is room again", || engine.busybox("big:/x", "dd if=/dev/zero of=/x/y bs=1M count=50").code == 0);
    let create = |body: &str| {
        let length = body.len();
        let head = "POST /volumes/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json";
        engine.raw(format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes())
    };
    for number in 1..1000 {
        let answer = create(&format!("{{\"Name\":\"v{number}\"}}"));
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    let answer = create("{\"Name\":\"one-more\"}");
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("1000 volumes"), "{answer}");
    assert!(create("{\"Name\":\"v1\"}").starts_with("HTTP/1.1 201"), "one that is there");
    engine.busybox("too-many:/x", "true").fails_with(125, "1000 volumes");
    let left = fs::read_dir(engine.volumes()).unwrap().count();
    assert_eq!(left, 1000, "what was refused left nothing");
    engine.docker(&["volume", "prune", "-af"]).ok();
    assert_eq!(fs::read_dir(engine.volumes()).unwrap().count(), 0);
}

#[test]
fn the_engines_socket_can_be_bound() {
    let workshop = Workshop::start("# A deck\n");
    workshop.join("ada");
    let mut sockets = Default::default();
    eventually("the host has begun", || {
        sockets = workshop.sockets();
        !sockets.is_empty()
    });
    let socket = sockets.iter().next().unwrap();
    let ask = "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un('/sock')) or die $!; \
        syswrite(S, \"GET /containers/json HTTP/1.0\\r\\n\\r\\n\"); print <S>";
    for mount in ["/var/run/docker.sock:/sock", "/run/docker.sock:/sock:ro"] {
        let run = ["run", "--rm", "--name", "inner", "-v", mount, "debian", "perl", "-e", ask];
        let answer = workshop.docker(socket, &run).ok();
        assert!(answer.contains("200 OK") && answer.contains("/inner"), "{mount}: {answer}");
    }
    let mount = "type=bind,source=/var/run/docker.sock,target=/sock";
    let answer = workshop.docker(socket, &["run", "--rm", "--mount", mount, "debian", "perl", "-e", ask]).ok();
    assert!(answer.contains("200 OK"), "{answer}");
    // The workstation has what a container puts into a directory of its.
    workshop.docker(socket, &["run", "--rm", "-v", "/root/shared:/x", "busybox", "touch", "/x/made"]).ok();
    let listed = workshop.docker(socket, &["run", "--rm", "-v", "/root:/x", "busybox", "ls", "/x/shared"]).ok();
    assert_eq!(listed, "made");
}
