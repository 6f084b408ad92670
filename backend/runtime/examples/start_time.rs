//! How long containers take from `fork_container` to their end: `cargo run --release -p runtime --example start_time`.
//! Needs root and /bin/busybox.

#[path = "../tests/support/mod.rs"]
mod support;

use runtime::process::Io;
use std::time::{Duration, Instant};
use support::{in_a_fork, spec};

const RUNS: usize = 100;

fn main() {
    in_a_fork("start-time", |keeper| {
        let run = spec::container(&["true"]);
        let times = (0..RUNS).map(|_| time(|| assert_eq!(keeper.run(&run).map(|output| output.code).ok(), Some(0))));
        report("container, with its cgroup removed", times.collect());

        let sleep = spec::container(&["sleep", "600"]);
        let Ok((id, running)) = keeper.start(&sleep, Io::default()) else { return };
        let process = spec::process(&["true"]);
        let times = (0..RUNS).map(|_| {
            time(|| {
                let exec = keeper.exec(&id, running.pid, &sleep, &process, Io::default());
                assert_eq!(exec.map(|exec| exec.output().code).ok(), Some(0));
            })
        });
        report("exec", times.collect());
        keeper.remove(&id, running);
    });
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    println!("{what}: median {:.1?}, 90 % within {:.1?}, of {} runs", at(50), at(90), times.len());
}
