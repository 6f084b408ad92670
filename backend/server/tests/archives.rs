//! Images as archives, from here to others and back: a real dockerd, skopeo, umoci; and what a kill leaves of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually};
use oracle::Oracle;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A real dockerd with nothing in it.
fn dockerd(engine: &Engine, name: &str) -> Oracle {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/oracle");
    let root = std::env::var_os("LERNHAFEN_ORACLE").map_or_else(built, PathBuf::from).canonicalize().unwrap();
    let directory = engine.dir.join("oracle");
    fs::create_dir(&directory).unwrap();
    Oracle::start(&root, &directory, name).unwrap()
}

/// `docker …` against a dockerd.
fn there(engine: &Engine, dockerd: &Oracle, args: &[&str]) -> String {
    let mut command = engine.docker_command(args);
    command.env("DOCKER_HOST", format!("unix://{}", dockerd.socket().display()));
    common::Answer::from(command.output().unwrap()).ok()
}

/// A program that must succeed; what it says.
fn run(program: &str, args: &[&str]) -> String {
    let missing = |error| panic!("{program}, which `cargo xtask test` provides: {error}");
    common::Answer::from(Command::new(program).args(args).output().unwrap_or_else(missing)).ok()
}

/// An image of three layers, `made:1`, with everything that a layer can say.
fn make(engine: &Engine) {
    let first = "mkdir -p /d/e /gone /p; echo 1 > /d/e/f; echo 1 > /gone/x; ln /d/e/f /d/hard; ln -s /nowhere /d/link; \
                 mkfifo /d/fifo; chmod 4755 /d/e/f; chown 1000:1001 /d/e/f; touch -d '2001-02-03 04:05:06' /d/e/f; \
                 echo 1 > /$(printf '%0180d' 7)";
    let second = "rm -r /gone /d/link; rm -r /p; mkdir /p; echo 2 > /p/new; rm /bin/dd; echo 2 > '/a name'";
    engine.docker(&["run", "--name", "one", "busybox", "sh", "-c", first]).ok();
    engine.docker(&["commit", "-m", "the first", "one", "made:0"]).ok();
    engine.docker(&["run", "--name", "two", "made:0", "sh", "-c", second]).ok();
    engine.docker(&["commit", "-c", "CMD [\"sh\", \"-c\", \"cat /p/new\"]", "two", "made:1"]).ok();
    engine.docker(&["rm", "one", "two"]).ok();
}

/// What a container of the image sees of what was made in it.
const LOOK: &str = "ls -ld /d/* /d/e/* /p/* /0* '/a name' | awk '{print $1, $2, $3, $4, $9, $10, $11}'; \
                    ls -d /gone /bin/dd /d/link; ls /p; stat -c %Y /d/e/f";

#[test]
fn an_image_is_the_same_one_here_and_in_docker() {
    let engine = Engine::start();
    let dockerd = dockerd(&engine, "archives");
    make(&engine);
    let file = |name: &str| engine.dir.join(name).to_string_lossy().into_owned();
    let (ours, theirs, back) = (file("ours.tar"), file("theirs.tar"), file("back.tar"));
    engine.docker(&["save", "made", "busybox", "-o", &ours]).ok();
    there(&engine, &dockerd, &["load", "-i", &ours]);
    for name in ["made:0", "made:1", "busybox:latest"] {
        let own = engine.docker(&["images", "-q", "--no-trunc", name]).ok();
        assert_eq!(there(&engine, &dockerd, &["images", "-q", "--no-trunc", name]), own, "{name}");
    }
    let look = ["run", "--rm", "--network", "none", "made:1", "sh", "-c", LOOK];
    let seen = engine.docker(&look).out;
    let mut command = engine.docker_command(&look);
    command.env("DOCKER_HOST", format!("unix://{}", dockerd.socket().display()));
    assert_eq!(common::Answer::from(command.output().unwrap()).out, seen);
    assert!(seen.lines().count() > 6, "{seen}");

    // The documents of both are the same to the byte, and so is every blob that both have.
    there(&engine, &dockerd, &["save", "made", "busybox", "-o", &theirs]);
    for document in ["oci-layout", "repositories"] {
        assert_eq!(member(&ours, document), member(&theirs, document), "{document}");
    }
    let blobs = |archive: &str| run("tar", &["-tf", archive]);
    let missing: Vec<_> =
        blobs(&ours).lines().filter(|blob| !blobs(&theirs).contains(*blob)).map(str::to_owned).collect();
    assert_eq!(missing, Vec::<String>::new());

    // And the other way round, with something of Docker's on top.
    there(
        &engine,
        &dockerd,
        &["run", "--name", "three", "--network", "none", "made:1", "sh", "-c", "rm -r /d; mkdir /d; echo 3 > /d/g"],
    );
    there(&engine, &dockerd, &["commit", "three", "made:2"]);
    there(&engine, &dockerd, &["save", "made:2", "-o", &back]);
    assert_eq!(engine.docker(&["load", "-i", &back]).ok(), "Loaded image: made:2");
    let own = engine.docker(&["images", "-q", "--no-trunc", "made:2"]).ok();
    assert_eq!(there(&engine, &dockerd, &["images", "-q", "--no-trunc", "made:2"]), own);
    assert_eq!(engine.docker(&["run", "--rm", "made:2", "sh", "-c", "ls /d; cat /d/g /p/new"]).ok(), "g\n3\n2");
    let layers = engine.docker(&["image", "inspect", "-f", "{{len .RootFS.Layers}}", "made:2"]).ok();
    assert_eq!(layers, "4");
}

fn member(archive: &str, name: &str) -> String {
    run("tar", &["-xOf", archive, name])
}

#[test]
fn skopeo_and_umoci_read_what_is_saved_and_theirs_is_loaded() {
    let engine = Engine::start();
    make(&engine);
    let path = |name: &str| engine.dir.join(name).to_string_lossy().into_owned();
    let (saved, layout, archive, unpacked) = (path("saved.tar"), path("layout"), path("oci.tar"), path("unpacked"));
    engine.docker(&["save", "made:1", "-o", &saved]).ok();
    let layers_of = |name: &str| engine.docker(&["image", "inspect", "-f", "{{join .RootFS.Layers \" \"}}", name]).ok();
    let layers = layers_of("made:1");
    let seen =
        run("skopeo", &["inspect", "--format", "{{range .Layers}}{{.}} {{end}}", &format!("docker-archive:{saved}")]);
    assert_eq!(seen, layers);

    run("skopeo", &["copy", &format!("docker-archive:{saved}:made:1"), &format!("oci:{layout}:tag")]);
    run("umoci", &["unpack", "--image", &format!("{layout}:tag"), &unpacked]);
    let rootfs = Path::new(&unpacked).join("rootfs");
    assert_eq!(fs::read_to_string(rootfs.join("p/new")).unwrap(), "2\n");
    assert!(rootfs.join("d/e/f").exists() && !rootfs.join("gone").exists() && !rootfs.join("bin/dd").exists());

    // An OCI archive as skopeo writes it, with compressed layers; once more compressed as a whole.
    run("skopeo", &["copy", &format!("oci:{layout}:tag"), &format!("oci-archive:{archive}:other/name:3")]);
    assert_eq!(engine.docker(&["load", "-i", &archive]).ok(), "Loaded image: other/name:3");
    // Its configuration is written anew in OCI's form, and so it is another image, of the same layers.
    assert_eq!(layers_of("other/name:3"), layers);
    assert_eq!(engine.docker(&["run", "--rm", "other/name:3"]).ok(), "2");
    run("zstd", &["-q", &archive]);
    assert_eq!(engine.docker(&["load", "-i", &format!("{archive}.zst")]).ok(), "Loaded image: other/name:3");
    // A docker-archive as skopeo writes it has its layers by other names.
    let theirs = path("theirs.tar");
    run("skopeo", &["copy", &format!("oci:{layout}:tag"), &format!("docker-archive:{theirs}:third:1")]);
    assert_eq!(engine.docker(&["load", "-i", &theirs]).ok(), "Loaded image: third:1");
    assert_eq!(layers_of("third:1"), layers);
}

#[test]
fn a_flat_image_of_an_export_has_the_same_files() {
    let engine = Engine::start();
    make(&engine);
    engine.docker(&["create", "--name", "cc", "made:1"]).ok();
    let file = engine.dir.join("export.tar").to_string_lossy().into_owned();
    engine.docker(&["export", "cc", "-o", &file]).ok();
    engine.docker(&["import", "-c", "CMD [\"sh\"]", &file, "flat"]).ok();
    let look = |image: &str| engine.docker(&["run", "--rm", image, "sh", "-c", LOOK]).out;
    assert_eq!(look("flat"), look("made:1"));
}

/// Files in the store of images.
fn stored(engine: &Engine) -> Vec<String> {
    let names = ["layers", "blobs"].map(|name| fs::read_dir(engine.dir.join("data").join(name)).unwrap());
    let mut names: Vec<_> =
        names.into_iter().flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Until it answers, by when it has swept.
fn start_again(engine: &mut Engine) {
    engine.start_again();
    engine.docker(&["version"]).ok();
}

fn is_unpacking(engine: &Engine) -> bool {
    stored(engine).iter().any(|name| name.starts_with("tmp-"))
}

/// An archive of one image, `large:1`, whose layer has so many bytes.
fn large(engine: &Engine, megabytes: u32) -> Vec<u8> {
    let write = format!("dd if=/dev/urandom of=/large bs=1M count={megabytes} 2>/dev/null");
    engine.docker(&["run", "--name", "large", "busybox", "sh", "-c", &write]).ok();
    engine.docker(&["commit", "large", "large:1"]).ok();
    let file = engine.dir.join("large.tar");
    engine.docker(&["save", "large:1", "-o", &file.to_string_lossy()]).ok();
    let mut bytes = Vec::new();
    File::open(file).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_load_that_ends_in_the_middle_leaves_nothing() {
    let archive = large(&Engine::start(), 20);
    let mut engine = Engine::start();
    let before = stored(&engine);
    let begin = |engine: &Engine| {
        let mut load = engine.docker_command(&["load"]);
        let mut load = load.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        load.stdin.as_mut().unwrap().write_all(&archive[..archive.len() / 2]).unwrap();
        eventually("it is being unpacked", || is_unpacking(engine));
        load
    };
    // The engine is killed.
    let mut load = begin(&engine);
    engine.kill_server();
    drop(load.stdin.take());
    load.wait().unwrap();
    start_again(&mut engine);
    assert_eq!(stored(&engine), before);
    // The client goes.
    let mut load = begin(&engine);
    load.kill().unwrap();
    load.wait().unwrap();
    eventually("nothing is left", || stored(&engine) == before);
    // It says that it is done too early.
    let mut load = begin(&engine);
    drop(load.stdin.take());
    assert!(!load.wait().unwrap().success());
    eventually("nothing is left", || stored(&engine) == before);
    assert_eq!(engine.docker(&["images", "-q", "large"]).ok(), "");

    let mut load = begin(&engine);
    load.stdin.take().unwrap().write_all(&archive[archive.len() / 2..]).unwrap();
    assert!(load.wait().unwrap().success());
    assert_eq!(engine.docker(&["run", "--rm", "large:1", "stat", "-c", "%s", "/large"]).ok(), (20 << 20).to_string());
}

#[test]
fn a_commit_that_is_killed_leaves_nothing_and_its_container_goes_on() {
    let mut engine = Engine::start();
    let script = "dd if=/dev/urandom of=/large bs=1M count=300 2>/dev/null; echo ready; while true; do date >> /ticks; sleep 0.1; done";
    engine.docker(&["run", "-d", "--name", "big", "busybox", "sh", "-c", script]).ok();
    eventually("it has written", || engine.docker(&["logs", "big"]).ok() == "ready");
    let before = stored(&engine);
    let mut commit = engine.docker_command(&["commit", "big", "big:1"]);
    let mut commit = commit.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("it is being packed", || is_unpacking(&engine));
    assert_eq!(engine.docker(&["inspect", "-f", "{{.State.Status}}", "big"]).ok(), "paused");
    engine.kill_server();
    commit.wait().unwrap();
    start_again(&mut engine);
    assert_eq!(stored(&engine), before);
    assert_eq!(engine.docker(&["inspect", "-f", "{{.State.Status}}", "big"]).ok(), "running");
    let ticks = || engine.docker(&["exec", "big", "wc", "-l", "/ticks"]).ok();
    let first = ticks();
    eventually("it goes on", || ticks() != first);

    // Nobody waits for this one, which is made all the same.
    let mut commit = engine.docker_command(&["commit", "big", "big:2"]);
    let mut commit = commit.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("it is being packed", || is_unpacking(&engine));
    commit.kill().unwrap();
    commit.wait().unwrap();
    eventually("the image is there", || !engine.docker(&["images", "-q", "big:2"]).ok().is_empty());
    eventually("it runs", || engine.docker(&["inspect", "-f", "{{.State.Status}}", "big"]).ok() == "running");
    engine.docker(&["rm", "-f", "big"]).ok();
}

/// A host has only so many of each at a time: none of them may wait for another that waits for it.
#[test]
fn many_at_once_come_to_an_end() {
    let engine = Engine::start();
    engine.docker(&["create", "--name", "cc", "busybox", "sh"]).ok();
    let docker = engine.docker_command(&[]);
    let script = "for n in 1 2 3 4 5 6; do \"$DOCKER\" save busybox | \"$DOCKER\" load -q & \"$DOCKER\" export cc | \"$DOCKER\" import - i:$n & \
                  \"$DOCKER\" commit cc c:$n & done; wait";
    let mut shell = Command::new("timeout");
    shell.args(["60", "sh", "-c", script]).env("DOCKER", docker.get_program());
    let output = shell.envs(docker.get_envs().filter_map(|(key, value)| Some((key, value?)))).output().unwrap();
    let answer = common::Answer::from(output);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{answer:?}");
    let count = |name: &str| engine.docker(&["images", "-q", name]).ok().lines().count();
    assert_eq!((count("i"), count("c")), (6, 6));
}

/// What a container is made of must not be half gone when it is packed.
#[test]
fn a_container_that_is_removed_meanwhile_gives_no_image() {
    let engine = Engine::start();
    let script = "truncate -s 800M /large; echo ready; sleep 1000";
    engine.docker(&["run", "-d", "--name", "big", "busybox", "sh", "-c", script]).ok();
    eventually("it has written", || engine.docker(&["logs", "big"]).ok() == "ready");
    let before = stored(&engine);
    let mut commit = engine.docker_command(&["commit", "--pause=false", "big", "big:1"]);
    let commit = commit.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("it is being packed", || is_unpacking(&engine));
    engine.docker(&["rm", "-f", "big"]).ok();
    let answer = common::Answer::from(commit.wait_with_output().unwrap());
    answer.fails_with(1, "was removed while it was being committed");
    eventually("nothing is left", || stored(&engine) == before);
    assert_eq!(engine.docker(&["images", "-q", "big"]).ok(), "");
}
