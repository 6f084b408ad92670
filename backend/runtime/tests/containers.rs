//! Containers as their users see them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use runtime::keeper::protocol::Io;
use support::{as_keeper, spec};

#[test]
fn runs_a_command_to_its_end() {
    as_keeper("command", |keeper| {
        let output = keeper.run(&spec::shell("echo out; echo err >&2; exit 7")).unwrap();
        assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (7, "out\n", "err\n"));
    });
}

#[test]
fn has_a_terminal_of_its_own() {
    as_keeper("terminal", |keeper| {
        let mut spec =
            spec::terminal(spec::shell("tty; stty size; ls -l /dev/console | cut -c1; sh -c 'echo x > /dev/tty'"));
        let size = oci_spec::runtime::BoxBuilder::default().height(33u64).width(99u64).build().unwrap();
        spec.process_mut().as_mut().unwrap().set_console_size(Some(size));
        let output = keeper.run(&spec).unwrap();
        assert_eq!(output.stdout, "/dev/pts/0\r\n33 99\r\nc\r\nx\r\n");
    });
}

#[test]
fn takes_more_processes() {
    as_keeper("exec", |keeper| {
        let spec = spec::shell("echo from init > /tmp/said; sleep 60");
        let (id, running) = keeper.start(&spec, Io::default()).unwrap();
        let script = "while ! cat /tmp/said 2> /dev/null; do sleep 0.01; done; hostname; exit 3";
        let exec = keeper.exec(&id, running.pid, &spec, &spec::process(&["sh", "-c", script]), Io::default()).unwrap();
        let output = exec.output();
        assert_eq!((output.code, output.stdout.as_str()), (3, "from init\nc0ffee\n"), "{output:?}");

        let mut process = spec::process(&["sh", "-c", "tty; read line; echo got $line"]);
        process.set_terminal(Some(true));
        let exec = keeper.exec(&id, running.pid, &spec, &process, Io::default()).unwrap();
        exec.write("hello\n");
        let said = exec.output().stdout;
        assert!(said.contains("/dev/pts/0\r\n") && said.ends_with("got hello\r\n"), "{said:?}");
        keeper.remove(&id, running);
    });
}
