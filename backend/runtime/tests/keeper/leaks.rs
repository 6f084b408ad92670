//! What is left after many runs: nothing.

use super::Case;
use super::host::{Host, read_all};
use runtime::process::Io;
use runtime::zygote::Zygote;

pub(crate) const CASES: &[Case] = &[("a_hundred_runs_leave_nothing", a_hundred_runs_leave_nothing)];

/// What could leak, counted: file descriptors of the keeper, children, mounts, cgroups, and its memory in kB.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    files: usize,
    processes: usize,
    mounts: usize,
    cgroups: usize,
}

fn counts(host: &Host) -> Counts {
    let lines = |path: String| std::fs::read_to_string(path).unwrap().lines().count();
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", host.keeper)).unwrap();
    let groups = super::ends::cgroups(&host.id);
    let directories = |path: &std::path::Path| {
        std::fs::read_dir(path).unwrap().filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_dir()).count()
    };
    Counts {
        files: std::fs::read_dir(format!("/proc/{}/fd", host.keeper)).unwrap().count(),
        processes: children.split_whitespace().count(),
        mounts: lines("/proc/self/mountinfo".into()) + lines(format!("/proc/{}/mountinfo", host.init)),
        cgroups: groups.iter().map(|group| directories(group)).sum(),
    }
}

fn private_memory(host: &Host) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", host.keeper)).unwrap();
    let private = rollup.lines().filter(|line| line.starts_with("Private_"));
    private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum()
}

fn a_hundred_runs_leave_nothing(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let round = |host: &mut Host| {
        host.create("c1", &["sh", "-c", "echo ahoy; read line"], |_, io| *io = Io { stdin: true, stdin_once: true });
        let (mut stream, _) = host.attach("c1", super::host::STREAMS, false);
        host.start_container("c1");
        read_all(&mut host.exec("c1", "e1", &["echo", "hello"], Io::default(), true));
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        read_all(&mut stream);
        host.exit("e1");
        host.exit("c1");
        host.forget("c1");
    };
    round(&mut host);
    super::memory::canary_is_there(&host);
    let (before, memory) = (counts(&host), private_memory(&host));
    let begin = std::time::Instant::now();
    for _ in 0..100 {
        round(&mut host);
    }
    println!("a run with an exec takes {:.1} ms", begin.elapsed().as_secs_f64() * 10.0);
    assert_eq!(counts(&host), before);
    let grown = private_memory(&host).saturating_sub(memory);
    println!("an idle keeper has {memory} kB of private memory, and {grown} kB more after 100 runs");
    assert!(grown < 256, "the keeper has grown by {grown} kB");
}
