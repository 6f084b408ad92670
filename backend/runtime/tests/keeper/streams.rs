//! What goes in and out of containers.

use super::Case;
use super::host::{Host, STREAMS, frames, read_all, read_until};
use runtime::keeper::protocol::*;
use runtime::process::Io;
use runtime::zygote::Zygote;
use std::io::{Read, Write};
use std::net::Shutdown;

pub(crate) const CASES: &[Case] = &[
    ("an_early_client_misses_nothing", an_early_client_misses_nothing),
    ("stdin_ends_with_its_client", stdin_ends_with_its_client),
    ("stdin_outlives_a_client_if_it_is_to", stdin_outlives_a_client_if_it_is_to),
    ("only_what_was_asked_for_comes", only_what_was_asked_for_comes),
    ("a_terminal_is_one_raw_stream", a_terminal_is_one_raw_stream),
    ("a_terminal_has_the_size_it_is_given", a_terminal_has_the_size_it_is_given),
    ("much_goes_through_in_order", much_goes_through_in_order),
    ("a_client_that_does_not_read_holds_up_its_process_only", a_client_that_does_not_read_holds_up_its_process_only),
    ("the_last_bytes_come_after_the_end", the_last_bytes_come_after_the_end),
];

fn an_early_client_misses_nothing(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["sh", "-c", "echo out; echo err >&2"], |_, _| {});
    let (mut stream, replayed) = host.attach("c1", STREAMS, false);
    assert_eq!(replayed, 0);
    host.start_container("c1");
    let all = read_all(&mut stream);
    assert_eq!((frames(&all, 1).as_str(), frames(&all, 2).as_str()), ("out\n", "err\n"));
    assert_eq!(host.exit("c1").0, 0);
}

fn stdin_ends_with_its_client(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["cat"], |_, io| *io = Io { stdin: true, stdin_once: true });
    let (mut stream, _) = host.attach("c1", STREAMS, false);
    host.start_container("c1");
    stream.write_all(b"ahoy\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(frames(&read_all(&mut stream), 1), "ahoy\n");
    assert_eq!(host.exit("c1").0, 0);

    // A client that writes and goes: what it wrote counts.
    host.create("c2", &["sh", "-c", "sleep 0.2; cat"], |_, io| *io = Io { stdin: true, stdin_once: true });
    let (mut stream, _) = host.attach("c2", STREAMS, false);
    stream.write_all(b"farewell\n").unwrap();
    drop(stream);
    host.start_container("c2");
    assert_eq!(host.exit("c2").0, 0);
    assert_eq!(host.log("c2"), [("stdout".into(), "farewell\n".into())]);
}

fn stdin_outlives_a_client_if_it_is_to(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["sh", "-c", "read a; echo $a; read b; echo $b"], |_, io| {
        *io = Io { stdin: true, stdin_once: false };
    });
    host.start_container("c1");
    for word in ["one\n", "two\n"] {
        let (mut stream, _) = host.attach("c1", STREAMS, false);
        stream.write_all(word.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        read_until(&mut stream, word);
    }
    assert_eq!(host.exit("c1").0, 0);
}

fn only_what_was_asked_for_comes(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["sh", "-c", "echo out; echo err >&2; read line; echo $line"], |_, _| {});
    let (mut errors, _) = host.attach("c1", Streams { stdin: true, stdout: false, stderr: true }, false);
    errors.write_all(b"nobody listens\n").unwrap();
    host.start_container("c1");
    let all = read_all(&mut errors);
    assert_eq!((frames(&all, 1).as_str(), frames(&all, 2).as_str()), ("", "err\n"));
    host.exit("c1");
    assert!(host.log("c1").contains(&("stdout".into(), "\n".into())), "stdin was /dev/null");
}

fn a_terminal_is_one_raw_stream(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["sh", "-c", "echo out; echo err >&2; read line; echo got $line; exit 4"], |spec, io| {
        spec["process"]["terminal"] = true.into();
        *io = Io { stdin: true, stdin_once: true };
    });
    let (mut stream, _) = host.attach("c1", STREAMS, false);
    host.start_container("c1");
    assert_eq!(read_until(&mut stream, "err\r\n"), "out\r\nerr\r\n");
    stream.write_all(b"ahoy\r").unwrap();
    // What ends a pipe doesn't end a terminal.
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(String::from_utf8_lossy(&read_all(&mut stream)), "ahoy\r\ngot ahoy\r\n");
    assert_eq!(host.exit("c1").0, 4);
    assert!(host.log("c1").contains(&("stdout".into(), "got ahoy\r\n".into())));
}

fn a_terminal_has_the_size_it_is_given(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let script = "stty size; trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done";
    host.create("c1", &["sh", "-c", script], |spec, _| spec["process"]["terminal"] = true.into());
    host.done(Request::Resize { id: "c1".into(), rows: 33, cols: 99 });
    let (mut stream, _) = host.attach("c1", STREAMS, false);
    host.start_container("c1");
    assert_eq!(read_until(&mut stream, "ready\r\n"), "33 99\r\nready\r\n");
    host.done(Request::Resize { id: "c1".into(), rows: 50, cols: 132 });
    assert_eq!(String::from_utf8_lossy(&read_all(&mut stream)), "50 132\r\n");
    assert_eq!(host.exit("c1").0, 0);
}

fn much_goes_through_in_order(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["cat"], |_, io| *io = Io { stdin: true, stdin_once: true });
    let (mut stream, _) = host.attach("c1", STREAMS, false);
    host.start_container("c1");
    let expected: String = (0..200_000).map(|number| format!("{number}\n")).collect();
    let mut writer = stream.try_clone().unwrap();
    let input = expected.clone();
    let writing = std::thread::spawn(move || {
        writer.write_all(input.as_bytes()).unwrap();
        writer.shutdown(Shutdown::Write).unwrap();
    });
    let all = read_all(&mut stream);
    writing.join().unwrap();
    assert!(frames(&all, 1) == expected);
    assert_eq!(host.exit("c1").0, 0);
    let logged: String = host.log("c1").into_iter().map(|(_, line)| line).collect();
    assert!(logged == expected);
}

fn a_client_that_does_not_read_holds_up_its_process_only(zygote: &Zygote) {
    let (mut host, mut other) = (Host::start(zygote), Host::start(zygote));
    let yes = host.create("c1", &["yes"], |_, _| {});
    let (mut stream, _) = host.attach("c1", STREAMS, false);
    host.start_container("c1");
    let keeper = host.keeper;
    let length = |host: &Host| std::fs::metadata(host.log_path("c1")).unwrap().len();
    let (mut before, mut still) = (0, 0);
    // It comes to a stop; how soon is the machine's affair.
    let deadline = std::time::Instant::now() + super::host::PATIENCE;
    loop {
        std::thread::sleep(std::time::Duration::from_millis(200));
        let now = length(&host);
        // On a busy machine nothing moves for a while now and then: then one of them could, and isn't asleep.
        still = if now == before && is_asleep(yes) && is_asleep(keeper) { still + 1 } else { 0 };
        if still == 5 && now > 0 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "`yes` goes on though nobody reads: {now} bytes of log");
        before = now;
    }
    assert_eq!(host.run("c2", &["echo", "hello"]).0, 0, "the keeper goes on");
    assert_eq!(other.run("c1", &["echo", "hello"]).0, 0);
    assert_eq!(length(&host), before);
    // Reading lets it go on; leaving lets it run.
    stream.read_exact(&mut vec![0; 1 << 20]).unwrap();
    assert!(length(&host) > before);
    drop(stream);
    host.done(Request::Signal { id: "c1".into(), signal: libc::SIGKILL, all: false });
    assert_eq!(host.exit("c1").0, 137);
}

fn is_asleep(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap().contains(") S ")
}

fn the_last_bytes_come_after_the_end(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    // More than a socket and the keeper's buffer hold, but the pipe has room for the rest: it ends though nobody reads.
    host.create("c1", &["sh", "-c", "head -c 300000 /dev/zero; echo end >&2"], |_, _| {});
    let (mut stream, _) = host.attach("c1", STREAMS, false);
    host.start_container("c1");
    assert_eq!(host.exit("c1").0, 0);
    host.forget("c1");
    let all = read_all(&mut stream);
    assert_eq!((frames(&all, 1).len(), frames(&all, 2).as_str()), (300_000, "end\n"));
}
