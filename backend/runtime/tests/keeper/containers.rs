//! Containers: from their creation to their end.

use super::Case;
use super::host::Host;
use runtime::failure::FailureKind;
use runtime::keeper::protocol::*;
use runtime::zygote::Zygote;

pub(crate) const CASES: &[Case] = &[
    ("runs_a_container", runs_a_container),
    ("tells_exit_codes_as_a_shell_does", tells_exit_codes_as_a_shell_does),
    ("signals_containers", signals_containers),
    ("a_failed_start_leaves_nothing", a_failed_start_leaves_nothing),
    ("a_created_container_can_be_forgotten", a_created_container_can_be_forgotten),
    ("refuses_what_is_not_possible", refuses_what_is_not_possible),
    ("tells_when_memory_was_short", tells_when_memory_was_short),
    ("many_start_at_once", many_start_at_once),
    ("an_end_before_the_start_is_told", an_end_before_the_start_is_told),
];

fn runs_a_container(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let pid = host.create(
        "c1",
        &["sh", "-c", "echo out; echo err >&2; printf partial; echo $$; grep Sig /proc/self/status"],
        |_, _| {},
    );
    assert!(matches!(host.states().iter().find(|it| it.id == "c1").unwrap().status, Status::Created));
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
    host.start_container("c1");
    assert_eq!(host.exit("c1"), (0, false));
    let log = host.log("c1");
    assert!(log.contains(&("stdout".into(), "out\n".into())), "{log:?}");
    assert!(log.contains(&("stderr".into(), "err\n".into())), "{log:?}");
    assert!(log.contains(&("stdout".into(), "partial1\n".into())), "pid 1 of its namespace: {log:?}");
    for state in host.states() {
        if let Status::Exited { started_at, finished_at, code: 0, .. } = state.status {
            assert!(0 < started_at && started_at <= finished_at);
        }
    }
    host.forget("c1");
    assert!(host.states().iter().all(|state| state.id != "c1"));
}

fn tells_exit_codes_as_a_shell_does(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    assert_eq!(host.run("seven", &["sh", "-c", "exit 7"]).0, 7);
    assert_eq!(host.run("self", &["sh", "-c", "sh -c 'kill -9 $$'; exit $?"]).0, 137);
    // Again under the same id, once it is forgotten.
    host.forget("seven");
    assert_eq!(host.run("seven", &["sh", "-c", "exit 8"]).0, 8);
}

fn signals_containers(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let signal = |id: &str, signal, all| Request::Signal { id: id.to_owned(), signal, all };
    host.create("trap", &["sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done"], |_, _| {});
    let (mut stream, _) = host.attach("trap", super::host::STREAMS, false);
    host.start_container("trap");
    super::host::read_until(&mut stream, "ready");
    host.done(signal("trap", libc::SIGTERM, false));
    assert_eq!(host.exit("trap").0, 3);

    host.create("sleep", &["sleep", "1000"], |_, _| {});
    host.start_container("sleep");
    // Pid 1 ignores what it has no handler for; nothing refuses SIGKILL.
    host.done(signal("sleep", libc::SIGRTMIN() + 3, false));
    host.done(signal("sleep", libc::SIGKILL, true));
    assert_eq!(host.exit("sleep").0, 137);
    assert_eq!(host.fails(signal("sleep", libc::SIGKILL, false)).kind, FailureKind::Conflict);
    assert_eq!(host.fails(signal("nobody", libc::SIGKILL, false)).kind, FailureKind::NotFound);
    assert_eq!(host.fails(signal("sleep", 0, false)).kind, FailureKind::Invalid);
}

fn a_failed_start_leaves_nothing(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    for (arguments, kind) in
        [(["nonesuch"], FailureKind::CommandNotFound), (["/etc"], FailureKind::CommandNotExecutable)]
    {
        host.create("c1", &arguments, |_, _| {});
        assert_eq!(host.fails(Request::Start { id: "c1".into() }).kind, kind);
        assert_eq!(host.states().len(), 1, "only the workstation is left");
    }
    let creation = host.creation("c1", &["true"], |spec, _| spec["hooks"] = serde_json::json!({}));
    assert_eq!(host.fails(creation).kind, FailureKind::Invalid);
    let creation = host.creation("c1", &["true"], |spec, _| spec["mounts"][0]["type"] = "nfs".into());
    host.fails(creation);
    assert_eq!(host.run("c1", &["true"]).0, 0, "the id is free again");
}

fn a_created_container_can_be_forgotten(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let pid = host.create("c1", &["true"], |_, _| {});
    host.forget("c1");
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert_eq!(host.run("c1", &["true"]).0, 0);
}

fn refuses_what_is_not_possible(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let start = |id: &str| Request::Start { id: id.to_owned() };
    assert_eq!(host.fails(start("c1")).kind, FailureKind::NotFound);
    host.create("c1", &["sleep", "1000"], |_, _| {});
    let again = host.creation("c1", &["true"], |_, _| {});
    assert_eq!(host.fails(again).kind, FailureKind::Conflict);
    host.start_container("c1");
    assert_eq!(host.fails(start("c1")).kind, FailureKind::Conflict);
    assert_eq!(host.fails(Request::Forget { id: "c1".into() }).kind, FailureKind::Conflict);
    // As in Docker: one without a terminal has nothing to resize, which is no error.
    host.done(Request::Resize { id: "c1".into(), rows: 1, cols: 1 });
    assert_eq!(host.fails(Request::Forget { id: WORKSTATION.into() }).kind, FailureKind::Conflict);
    for id in ["", "..", "a/b", WORKSTATION, &"x".repeat(65)] {
        let mut creation = host.creation("c2", &["true"], |_, _| {});
        if let Request::Create(create) = &mut creation {
            create.id = id.to_owned();
        }
        host.fails(creation);
    }
    let mut creation = host.creation("c2", &["true"], |_, _| {});
    if let Request::Create(create) = &mut creation {
        create.bundle = "/nonexistent".into();
    }
    let failure = host.fails(creation);
    assert!(failure.message.contains("/nonexistent/config.json"), "{}", failure.message);
}

fn tells_when_memory_was_short(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    // The tail has to keep a line that never ends.
    host.create("c1", &["sh", "-c", "busybox tail -n1 < /dev/zero"], |spec, _| {
        spec["linux"]["resources"] = serde_json::json!({ "memory": { "limit": 16 << 20, "swap": 16 << 20 } });
    });
    host.start_container("c1");
    assert_eq!(host.exit("c1"), (137, true));
}

fn an_end_before_the_start_is_told(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["true"], |_, _| {});
    host.done(Request::Signal { id: "c1".into(), signal: libc::SIGKILL, all: false });
    assert_eq!(host.exit("c1").0, 137);
    assert_eq!(host.fails(Request::Start { id: "c1".into() }).kind, FailureKind::Conflict);
    host.forget("c1");
}

fn many_start_at_once(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let ids: Vec<String> = (0..10).map(|number| format!("c{number}")).collect();
    let creations = ids.iter().map(|id| host.creation(id, &["sh", "-c", &format!("exit {}", &id[1..])], |_, _| {}));
    let creations: Vec<_> = creations.collect();
    let mut waiting: Vec<u64> = creations.into_iter().map(|creation| host.client.send(creation).unwrap()).collect();
    let starts =
        |host: &mut Host| ids.iter().map(|id| host.client.send(Request::Start { id: id.clone() }).unwrap()).collect();
    while !waiting.is_empty() {
        let Some((Message::Reply(Numbered { seq, body: Reply::Created { .. } }), _)) = host.receive() else { panic!() };
        waiting.retain(|waiting| *waiting != seq);
    }
    let mut waiting: Vec<u64> = starts(&mut host);
    let mut ended = Vec::new();
    while !waiting.is_empty() || ended.len() < ids.len() {
        match host.receive() {
            Some((Message::Reply(Numbered { seq, body: Reply::Started { .. } }), _)) => waiting.retain(|it| *it != seq),
            Some((Message::Event(Event::Exited(state)), _)) => {
                let Status::Exited { code, .. } = state.status else { panic!("{state:?}") };
                assert_eq!(state.id, format!("c{code}"));
                ended.push(state.id);
            }
            other => panic!("{other:?}"),
        }
    }
}
