//! Many want something of the same images at the same moment.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually};
use std::collections::BTreeSet;
use std::{fs, thread};

const MANY: usize = 50;

/// The answer's status and body.
fn ask(engine: &Engine, method: &str, path: &str, body: &str) -> (u16, String) {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = engine.raw(request.as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {path}: {answer:?}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// What `work` makes of each number, all at once.
fn at_once<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..MANY)
            .map(|number| {
                scope.spawn({
                    let work = &work;
                    move || work(number)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    })
}

fn names(engine: &Engine) -> BTreeSet<String> {
    let list = engine.docker(&["images", "-a", "--format", "{{.Repository}}:{{.Tag}}"]).ok();
    list.lines().map(str::to_owned).collect()
}

#[test]
fn names_are_given_and_taken_by_many_and_each_goes_once() {
    let engine = Engine::start();
    let before = names(&engine);
    let tagged =
        at_once(|number| ask(&engine, "POST", &format!("/images/busybox/tag?repo=r{}&tag=t{number}", number % 7), ""));
    assert!(tagged.iter().all(|(status, _)| *status == 201), "{tagged:?}");
    assert_eq!(names(&engine).len(), before.len() + MANY);

    // Half of them take names away while the other half gives names to another image.
    let mixed = at_once(|number| match number % 2 {
        0 => ask(&engine, "DELETE", &format!("/images/r{}:t{number}", number % 7), ""),
        _ => ask(&engine, "POST", &format!("/images/debian/tag?repo=r{}&tag=t{number}", number % 7), ""),
    });
    assert!(mixed.iter().all(|(status, _)| matches!(status, 200 | 201)), "{mixed:?}");
    assert_eq!(names(&engine).len(), before.len() + MANY / 2);

    // Who comes first removes it, and only that one is told so.
    let removed = at_once(|_| ask(&engine, "DELETE", "/images/r1:t1", ""));
    assert_eq!(removed.iter().filter(|(status, _)| *status == 200).count(), 1, "{removed:?}");
    assert_eq!(removed.iter().filter(|(status, _)| *status == 404).count(), MANY - 1);
    let pruned = at_once(|_| ask(&engine, "POST", "/images/prune?filters=%7B%22dangling%22:%5B%22false%22%5D%7D", ""));
    assert!(pruned.iter().all(|(status, _)| *status == 200), "{pruned:?}");
    assert_eq!(names(&engine), BTreeSet::new());
    let debians = pruned.iter().filter(|(_, body)| body.contains("\"Untagged\":\"debian:latest\"")).count();
    assert_eq!(debians, 1, "{pruned:?}");
}

#[test]
fn a_container_is_made_of_an_image_that_stays_or_not_at_all() {
    let engine = Engine::start();
    engine.docker(&["run", "--name", "from", "busybox", "sh", "-c", "echo made > /of"]).ok();
    let mut made = 0;
    for round in 0..10 {
        let change = format!("LABEL round={round}");
        let image = engine.docker(&["commit", "-c", &change, "from", "fleeting"]).ok();
        let answers = at_once(|number| {
            if number == MANY / 2 {
                return ask(&engine, "DELETE", "/images/fleeting?force=1", "");
            }
            let body = format!(r#"{{"Image":"{image}","Cmd":["cat","/of"]}}"#);
            ask(&engine, "POST", &format!("/containers/create?name=c{round}-{number}"), &body)
        });
        for (number, (status, body)) in answers.iter().enumerate().filter(|(number, _)| *number != MANY / 2) {
            assert!(matches!(status, 201 | 404), "{status} {body}");
            assert!(*status == 201 || body.contains("No such image"), "{body}");
            if *status == 201 && number % 10 == 0 {
                made += 1;
                let name = format!("c{round}-{number}");
                assert_eq!(engine.docker(&["start", "-a", &name]).ok(), "made");
            }
        }
        assert_eq!(answers[MANY / 2].0, 200, "{answers:?}");
        // With force, and nothing that runs: it has gone, whatever was made of it.
        engine.docker(&["image", "inspect", &image]).fails_with(1, "No such image");
    }
    assert!(made > 0, "no container was faster than the removal");
}

#[test]
fn what_was_removed_is_gone_after_a_restart_and_its_layers_with_it() {
    let mut engine = Engine::start();
    engine.docker(&["run", "--name", "from", "busybox", "sh", "-c", "echo much > /of"]).ok();
    engine.docker(&["commit", "from", "mine"]).ok();
    engine.docker(&["rm", "from"]).ok();
    let layers = |engine: &Engine| fs::read_dir(engine.dir.join("data/layers")).unwrap().count();
    let with_it = layers(&engine);
    let top = engine.docker(&["image", "inspect", "mine", "-f", "{{index .RootFS.Layers 1}}"]).ok();
    let layer = engine.dir.join("data/layers").join(top.trim_start_matches("sha256:"));
    assert!(layer.exists());
    engine.docker(&["rmi", "mine", "debian"]).ok();
    engine.docker(&["create", "--name", "keeps", "busybox", "true"]).ok();
    engine.docker(&["rmi", "-f", "busybox"]).ok();
    engine.kill_server();
    // As if it had been an hour ago: what was wanted a moment ago stays for a while.
    let database = rusqlite::Connection::open(engine.dir.join("data/lernhafen.db")).unwrap();
    database.execute_batch("UPDATE layers SET used = 0; UPDATE blobs SET used = 0").unwrap();
    drop(database);
    engine.start_again();
    // Names of the catalogue that were removed are not given again.
    assert_eq!(names(&engine), BTreeSet::new());
    eventually("the layer goes", || !layer.exists());
    assert_eq!(layers(&engine), with_it - 1, "the catalogue keeps its own");
    assert_eq!(engine.docker(&["ps", "-a", "--format", "{{.Names}}"]).ok(), "keeps");
    engine.docker(&["start", "-a", "keeps"]).ok();
}
