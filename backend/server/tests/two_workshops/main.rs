//! Two workshops with rules of their own on one server: each rule holds in its own, and nothing of it in the other.
//!
//! Forks the zygote, which only a process with one thread may: hence no test harness.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

#[path = "../common/mod.rs"]
mod common;

use common::workshop::{Workshop, join, sockets};
use common::{Answer, Engine, eventually};
use runtime::zygote::Zygote;
use server::config::WorkshopConfig;
use server::machine::Machine;
use server::web::{Guard, Site};
use server::{deck, web, workshop};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

fn main() {
    // `cargo test -- --list` asks every test which ones there are.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let zygote = Zygote::start().unwrap();
    let clean = Workshop::of(Workshop::directories("# A deck\n", 0));
    let engine = &clean.engine;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ports = runtime.block_on(open(engine, zygote));
    let run_dir = engine.dir.join("run");
    let begin = |port: u16| {
        let before = sockets(&run_dir);
        join(port, "Ada");
        let mut new = BTreeSet::new();
        eventually("Ada's host is there", || {
            new = sockets(&run_dir).difference(&before).cloned().collect();
            new.len() == 1
        });
        new.pop_first().unwrap()
    };
    let [strict, free] = ports.map(begin);
    check(engine, &strict, &free);
    println!("two_workshops ... ok");
}

/// Opens two workshops; answers with the ports of their pages.
async fn open(engine: &Engine, zygote: Zygote) -> [u16; 2] {
    let config = |name: &str, rules: &str| {
        let file = engine.dir.join(name).with_extension("toml");
        let settings = format!("deck = 'PITCHME.md'\nready_hosts = 0\ntitle = '{name}'\n{rules}");
        fs::write(&file, settings).unwrap();
        WorkshopConfig::load(&file).unwrap()
    };
    let strict = "internet = false\nprivileged = false\nlimits.disk_mib = 64\nregistry.name = 'strict.hafen'\n";
    let free = "internet = true\nprivileged = true\nlimits.disk_mib = 256\nregistry.name = 'free.hafen:5000'\n";
    let (strict, free) = (config("strict", strict), config("free", free));
    let (data, run) = (engine.dir.join("data"), engine.dir.join("run"));
    let machine = Machine::open(data, run, &[&strict, &free], zygote).await.unwrap();
    let mut ports = [0, 0];
    for ((name, config), port) in [("strict", strict), ("free", free)].into_iter().zip(&mut ports) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let deck = deck::load(&config.deck, &config.lang).unwrap();
        let workshop = workshop::Workshop::open(&machine, name, &config, deck, address.ip()).await.unwrap();
        let site = Site::open(&engine.dir.join("site")).unwrap();
        let router = web::router(Arc::new(workshop), Guard::new(address, &[]), site).unwrap();
        tokio::spawn(web::listen(listener, router));
        *port = address.port();
    }
    ports
}

fn check(engine: &Engine, strict: &Path, free: &Path) {
    let docker = |socket: &Path, args: &[&str]| Workshop::docker_at(engine, socket, args);
    let run = |socket: &Path, options: &[&str], script: &str| -> Answer {
        docker(socket, &[&["run", "--rm"], options, &["busybox", "sh", "-c", script]].concat())
    };

    run(strict, &["--privileged"], "true").fails_with(125, "--privileged is switched off here");
    run(free, &["--privileged"], "true").ok();

    // What is kept in reaches no address, no name and no registry out there. What is let out gets as far as this machine does, and isn't told
    // of the other's failure.
    let no_way = "there is no way out to the internet from here";
    docker(strict, &["pull", "nothere/at-all"]).fails_with(1, no_way);
    let other = docker(free, &["pull", "nothere/at-all"]);
    assert!(other.code != 0 && !other.err.contains(no_way), "{other:?}");
    let dial = "nc -w 2 192.0.2.1 80";
    let kept_in = run(strict, &[], dial);
    assert!(kept_in.err.contains("Network is unreachable"), "{kept_in:?}");
    let let_out = run(free, &[], dial);
    assert!(let_out.code != 0 && !let_out.err.contains("Network is unreachable"), "{let_out:?}");

    let size =
        |socket| run(socket, &[], "df -m / | tail -1 | tr -s ' ' | cut -d ' ' -f 2").ok().parse::<u64>().unwrap();
    let sizes = (size(strict), size(free));
    assert!(sizes.0 < 64 && (64..256).contains(&sizes.1), "MiB: {sizes:?}");

    let names = ["strict.hafen", "free.hafen:5000"];
    for (socket, own) in [strict, free].into_iter().zip(names) {
        let image = format!("{own}/ada/app:1");
        docker(socket, &["tag", "busybox", &image]).ok();
        docker(socket, &["push", &image]).ok();
        docker(socket, &["pull", &image]).ok();
    }
    let tags = |registry: &str| format!("wget -qO- http://{registry}/v2/ada/app/tags/list");
    for (socket, own, others) in [(strict, names[0], names[1]), (free, names[1], names[0])] {
        assert_eq!(run(socket, &[], &tags(own)).ok(), r#"{"name":"ada/app","tags":["1"]}"#);
        let foreign = docker(socket, &["pull", &format!("{others}/ada/app:1")]);
        assert!(foreign.code != 0, "{foreign:?}");
        // Nor by the address where both are.
        let port = others.rsplit_once(':').map_or("80", |(_, port)| port);
        let answer = run(socket, &[], &tags(&format!("169.254.75.1:{port}")));
        assert!(answer.code != 0 && answer.out.is_empty(), "{answer:?}");
    }
}
