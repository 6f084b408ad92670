//! Keepers with real namespaces. Needs root, `/bin/busybox` (Debian's busybox-static), and the zygote needs a process
//! with one thread: hence no test harness. `cargo test -p runtime --test keeper [-- PART OF A NAME]`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod containers;
mod ends;
mod execs;
mod files;
mod host;
mod leaks;
mod memory;
mod streams;

use runtime::zygote::Zygote;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Case = (&'static str, fn(&Zygote));

fn main() {
    if !rustix::process::geteuid().is_root() {
        println!("keeper: needs root: not run");
        return;
    }
    let zygote = Zygote::start().expect("the zygote starts");
    if let Some(config) = std::env::var_os(ends::SERVER) {
        ends::be_a_server(&zygote, &config);
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let all = [containers::CASES, streams::CASES, execs::CASES, files::CASES, ends::CASES, memory::CASES, leaks::CASES];
    let mut failed = Vec::new();
    for (name, case) in all.into_iter().flatten() {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| case(&zygote)));
        println!("keeper::{name} ... {}", if outcome.is_ok() { "ok" } else { "FAILED" });
        if outcome.is_err() {
            failed.push(*name);
        }
    }
    if !failed.is_empty() {
        println!("failed: {}", failed.join(", "));
        std::process::exit(1);
    }
}
