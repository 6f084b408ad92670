//! Processes that are added to containers, and shells in the workstation.

use super::Case;
use super::host::{Host, STREAMS, exec_request, frames, read_all, read_until};
use runtime::failure::FailureKind;
use runtime::keeper::client::Client;
use runtime::keeper::protocol::*;
use runtime::process::Io;
use runtime::zygote::Zygote;
use std::io::Write;
use std::net::Shutdown;
use std::time::Instant;

pub(crate) const CASES: &[Case] = &[
    ("an_exec_is_attached_from_its_first_byte", an_exec_is_attached_from_its_first_byte),
    ("an_exec_needs_a_running_container", an_exec_needs_a_running_container),
    ("execs_end_with_their_container", execs_end_with_their_container),
    ("an_orphan_does_not_delay_the_end", an_orphan_does_not_delay_the_end),
    ("an_orphan_that_floods_is_cut_off", an_orphan_that_floods_is_cut_off),
    ("a_shell_survives_its_clients", a_shell_survives_its_clients),
    ("signals_are_as_by_default", signals_are_as_by_default),
];

const NO_INPUT: Io = Io { stdin: false, stdin_once: false };
const INPUT: Io = Io { stdin: true, stdin_once: true };

fn with_container(zygote: &Zygote) -> Host {
    let mut host = Host::start(zygote);
    host.create("c1", &["sleep", "1000"], |_, _| {});
    host.start_container("c1");
    host
}

fn an_exec_is_attached_from_its_first_byte(zygote: &Zygote) {
    let mut host = with_container(zygote);
    for number in 0..20 {
        let id = format!("e{number}");
        let mut stream = host.exec("c1", &id, &["sh", "-c", "echo first; cat; exit 5"], INPUT, false);
        stream.write_all(b"second\n").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(frames(&read_all(&mut stream), 1), "first\nsecond\n");
        assert_eq!(host.exit(&id).0, 5);
        host.forget(&id);
    }
}

fn an_exec_needs_a_running_container(zygote: &Zygote) {
    let mut host = with_container(zygote);
    host.create("c2", &["true"], |_, _| {});
    let exec = |container: &str, command: &str| exec_request(container, "e1", &[command], NO_INPUT, false);
    assert_eq!(host.fails(exec("c2", "true")).kind, FailureKind::Conflict);
    assert_eq!(host.fails(exec("c3", "true")).kind, FailureKind::NotFound);
    assert_eq!(host.fails(exec("c1", "nonesuch")).kind, FailureKind::CommandNotFound);
    assert_eq!(host.fails(exec("c1", "/etc")).kind, FailureKind::CommandNotExecutable);
    read_all(&mut host.exec("c1", "e1", &["true"], NO_INPUT, false));
    assert_eq!(host.exit("e1").0, 0);
    assert_eq!(host.fails(exec("e1", "true")).kind, FailureKind::Conflict);
    assert_eq!(host.fails(exec("c1", "true")).kind, FailureKind::Conflict, "e1 isn't forgotten yet");
    let mut ring = exec_request("c1", "e2", &["true"], NO_INPUT, false);
    if let Request::Exec(exec) = &mut ring {
        exec.ring = 1;
    }
    assert_eq!(host.fails(ring).kind, FailureKind::Invalid);
}

fn execs_end_with_their_container(zygote: &Zygote) {
    let mut host = with_container(zygote);
    let mut stream = host.exec("c1", "e1", &["sleep", "1000"], NO_INPUT, false);
    host.done(Request::Signal { id: "c1".into(), signal: libc::SIGKILL, all: false });
    assert_eq!(host.exit("e1").0, 137);
    assert_eq!(host.exit("c1").0, 137);
    assert!(read_all(&mut stream).is_empty());
    host.forget("c1");
    assert_eq!(host.states().len(), 1, "execs are forgotten with their container");
}

fn an_orphan_does_not_delay_the_end(zygote: &Zygote) {
    let mut host = with_container(zygote);
    let begin = Instant::now();
    let mut stream = host.exec("c1", "e1", &["sh", "-c", "sleep 1000 & echo started"], NO_INPUT, false);
    assert_eq!(frames(&read_all(&mut stream), 1), "started\n");
    assert_eq!(host.exit("e1").0, 0);
    assert!(begin.elapsed().as_secs() < 500, "it waited for the orphan");
}

fn an_orphan_that_floods_is_cut_off(zygote: &Zygote) {
    let mut host = with_container(zygote);
    let mut request = exec_request("c1", "e1", &["sh", "-c", "yes & sleep 0.1; exit 3"], NO_INPUT, false);
    if let Request::Exec(exec) = &mut request {
        exec.attach = None;
    }
    assert!(matches!(host.call(request).0, Reply::Started { .. }));
    assert_eq!(host.exit("e1").0, 3);
    assert_eq!(host.run("c2", &["true"]).0, 0);
}

fn a_shell_survives_its_clients(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let mut stream = host.exec(WORKSTATION, "shell", &["sh"], INPUT, true);
    stream.write_all(b"echo a$((40+2))\n").unwrap();
    read_until(&mut stream, "a42\r\n");
    drop(stream);
    // The engine goes, and another comes.
    host.client = Client::new(&host.socket()).unwrap();
    let state = host.states().into_iter().find(|state| state.id == "shell").unwrap();
    assert_eq!(state.container.as_deref(), Some(WORKSTATION));
    assert!(matches!(state.status, Status::Running { .. }));

    let (mut stream, replayed) = host.attach("shell", STREAMS, true);
    let mut old = vec![0; replayed];
    std::io::Read::read_exact(&mut stream, &mut old).unwrap();
    assert!(String::from_utf8_lossy(&old).contains("a42\r\n"), "{:?}", String::from_utf8_lossy(&old));
    stream.write_all(b"echo b$((40+2)); exit 9\n").unwrap();
    read_until(&mut stream, "b42\r\n");
    assert_eq!(host.exit("shell").0, 9);
    let (mut stream, replayed) = host.attach("shell", STREAMS, true);
    assert_eq!(read_all(&mut stream).len(), replayed, "what an ended shell has said can still be read");
}

fn signals_are_as_by_default(zygote: &Zygote) {
    let mut host = with_container(zygote);
    let script = ["grep", "-E", "SigBlk|SigIgn", "/proc/self/status"];
    let expected = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n";
    let mut stream = host.exec("c1", "e1", &script, NO_INPUT, false);
    assert_eq!(frames(&read_all(&mut stream), 1), expected);
    host.create("c2", &script, |_, _| {});
    let (mut stream, _) = host.attach("c2", STREAMS, false);
    host.start_container("c2");
    assert_eq!(frames(&read_all(&mut stream), 1), expected);
}
