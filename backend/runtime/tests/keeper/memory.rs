//! A host whose memory is used up: who has taken it is ended, and nobody else.

use super::Case;
use super::ends::cgroups;
use super::host::{Host, PATIENCE, read_until};
use runtime::keeper::protocol::*;
use runtime::process::Io;
use runtime::zygote::Zygote;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Instant;

pub(crate) const CASES: &[Case] = &[
    ("a_container_that_takes_all_memory_is_ended_alone", a_container_that_takes_all_memory_is_ended_alone),
    ("the_greatest_of_several_is_ended", the_greatest_of_several_is_ended),
    ("a_job_that_takes_all_memory_is_ended_and_not_its_shell", a_job_that_takes_all_memory_is_ended_and_not_its_shell),
    ("cached_files_end_nobody", cached_files_end_nobody),
    ("what_asks_for_nothing_can_be_killed_like_others", what_asks_for_nothing_can_be_killed_like_others),
];

const MEMORY: u64 = 96 << 20;

/// A host with little memory, a container, and a shell; and a tmpfs without an end for the next containers.
struct Small {
    host: Host,
    shell: UnixStream,
}

impl Small {
    fn start(zygote: &Zygote) -> Self {
        let mut host = Host::start_with(zygote, |config| config.limits.memory = MEMORY).unwrap();
        let io = Io { stdin: true, stdin_once: false };
        let shell = host.exec(WORKSTATION, "shell-0", &["sh"], io, true);
        host.create("neighbour", &["sleep", "1000"], |_, _| {});
        host.start_container("neighbour");
        canary_is_there(&host);
        Self { host, shell }
    }

    fn create(&mut self, id: &str, script: &str) {
        self.host.create(id, &["sh", "-c", script], |spec, _| {
            let endless = json!({ "destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["size=10g"] });
            spec["mounts"].as_array_mut().unwrap().push(endless);
        });
        self.host.start_container(id);
    }

    /// Everything but what was ended goes on, and there is memory again.
    fn goes_on(&mut self) {
        self.shell.write_all(b"echo a$((1 + 1))z\n").unwrap();
        read_until(&mut self.shell, "a2z");
        let runs = |state: &ProcessState| matches!(state.status, Status::Running { .. });
        let states = self.host.states();
        for id in [WORKSTATION, "shell-0", "neighbour"] {
            assert!(states.iter().any(|state| state.id == id && runs(state)), "{id}: {states:?}");
        }
        canary_is_there(&self.host);
        assert_eq!(self.host.run("again", &["dd", "if=/dev/zero", "of=/dev/null", "bs=32M", "count=1"]).0, 0);
        self.host.forget("again");
    }
}

/// Waits until the kernel would end the canary first.
pub(crate) fn canary_is_there(host: &Host) {
    let deadline = Instant::now() + PATIENCE;
    let is_canary = |pid: &str| {
        let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        read("comm").trim() == "canary" && read("oom_score_adj").trim() == "1000"
    };
    while !cgroups(&host.id).iter().any(|group| {
        fs::read_to_string(group.join("workstation/cgroup.procs")).unwrap_or_default().lines().any(is_canary)
    }) {
        assert!(Instant::now() < deadline, "there is no canary");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn a_container_that_takes_all_memory_is_ended_alone(zygote: &Zygote) {
    let mut small = Small::start(zygote);
    for (id, script) in [
        ("tmpfs", "dd if=/dev/zero of=/tmp/x bs=1M; sleep 1000"),
        ("anonymous", "tail /dev/zero; sleep 1000"),
        ("many", "for i in $(seq 40); do (dd if=/dev/zero bs=4M count=1000000 of=/dev/null &) ; done; sleep 1000"),
    ] {
        small.create(id, script);
        assert_eq!(small.host.exit(id), (137, true), "{id}");
        let shortage = small.host.shortage();
        assert_eq!(shortage.victim, Victim::Container { id: id.to_owned() });
        assert!((MEMORY / 2..=MEMORY).contains(&shortage.held), "{shortage:?}");
        small.host.forget(id);
        small.goes_on();
    }
    // What an exec takes is its container's.
    small.create("exec", "sleep 1000");
    drop(small.host.exec("exec", "taker", &["dd", "if=/dev/zero", "of=/tmp/x", "bs=1M"], Io::default(), false));
    assert_eq!(small.host.exit("exec"), (137, true));
    assert_eq!(small.host.exit("taker").0, 137);
    small.host.forget("exec");
    small.goes_on();
}

fn the_greatest_of_several_is_ended(zygote: &Zygote) {
    let mut small = Small::start(zygote);
    // What the kernel would end is the one with the larger process; what is in its way is the larger tmpfs.
    small.create("process", "dd if=/dev/zero bs=24M count=1000000 of=/dev/null");
    small.create("tmpfs", "dd if=/dev/zero of=/tmp/x bs=1M count=40; sleep 1000");
    small.create("last", "dd if=/dev/zero of=/tmp/x bs=1M count=30; sleep 1000");
    assert_eq!(small.host.exit("tmpfs"), (137, true));
    for id in ["process", "last"] {
        assert!(
            small.host.states().iter().any(|state| state.id == id && matches!(state.status, Status::Running { .. }))
        );
        small.host.done(Request::Signal { id: id.to_owned(), signal: 9, all: true });
        assert_eq!(small.host.exit(id), (137, false), "{id}");
    }
    small.goes_on();
}

fn a_job_that_takes_all_memory_is_ended_and_not_its_shell(zygote: &Zygote) {
    let mut small = Small::start(zygote);
    small.shell.write_all(b"sleep 999 & tail /dev/zero; echo e$?e\n").unwrap();
    read_until(&mut small.shell, "e137e");
    let Victim::Process { pid, command, shell } = small.host.shortage().victim else { panic!("no process") };
    assert!(pid > 1 && command == "tail /dev/zero" && !shell, "{pid} {command} {shell}");
    small.shell.write_all(b"kill -0 $! && echo j$((2 + 2))j\n").unwrap();
    read_until(&mut small.shell, "j4j");
    small.goes_on();
}

fn cached_files_end_nobody(zygote: &Zygote) {
    let mut small = Small::start(zygote);
    small.create("writer", "dd if=/dev/zero of=/big bs=1M count=300 && rm /big");
    assert_eq!(small.host.exit("writer"), (0, false));
    small.goes_on();
}

/// Whatever its keeper is spared from.
fn what_asks_for_nothing_can_be_killed_like_others(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["sh", "-c", "cat /proc/self/oom_score_adj; echo -5 > /proc/self/oom_score_adj"], |_, _| {});
    host.start_container("c1");
    assert_eq!(host.exit("c1").0, 1);
    assert_eq!(host.log("c1")[0], ("stdout".to_owned(), "0\n".to_owned()));
}
