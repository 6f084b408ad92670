//! How hosts and their keepers end.

use super::Case;
use super::host::{Host, PATIENCE};
use runtime::failure::FailureKind;
use runtime::keeper::client::Client;
use runtime::keeper::protocol::*;
use runtime::process::{Io, Rootfs};
use runtime::zygote::{Held, Zygote};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) const CASES: &[Case] = &[
    ("a_shutdown_leaves_nothing", a_shutdown_leaves_nothing),
    ("the_end_of_host_init_is_the_end", the_end_of_host_init_is_the_end),
    ("a_killed_keeper_takes_all_along", a_killed_keeper_takes_all_along),
    ("a_host_that_cannot_be_says_why", a_host_that_cannot_be_says_why),
    ("nonsense_is_disconnected_and_nobody_else", nonsense_is_disconnected_and_nobody_else),
    ("the_engines_socket_is_in_the_workstation", the_engines_socket_is_in_the_workstation),
    ("every_engine_hears_of_ends", every_engine_hears_of_ends),
    ("keepers_outlive_a_killed_server", keepers_outlive_a_killed_server),
];

/// Waits until none of the processes is there.
fn all_end(pids: &[i32]) {
    let deadline = Instant::now() + PATIENCE;
    // Whoever inherits the dead may take a while to bury them.
    let lives = |pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
    };
    while pids.iter().any(lives) {
        assert!(Instant::now() < deadline, "some of {pids:?} go on");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn cgroups(host: &str) -> Vec<std::path::PathBuf> {
    let roots = std::fs::read_dir("/sys/fs/cgroup").unwrap().map(|entry| entry.unwrap().path());
    let roots = roots.chain([Path::new("/sys/fs/cgroup").to_owned()]);
    roots.map(|root| root.join("lernhafen").join(host)).filter(|path| path.exists()).collect()
}

fn busy_host(zygote: &Zygote) -> (Host, Vec<i32>) {
    let mut host = Host::start(zygote);
    let created = host.create("created", &["true"], |_, _| {});
    let running = host.create("running", &["sh", "-c", "sleep 1000 & sleep 1000"], |_, _| {});
    host.start_container("running");
    drop(host.exec("running", "e1", &["sleep", "1000"], Io::default(), false));
    let exec = host.states().iter().find(|state| state.id == "e1").unwrap().pid;
    let pids = vec![host.keeper, host.init, created, running, exec];
    assert!(!cgroups(&host.id).is_empty());
    (host, pids)
}

fn a_shutdown_leaves_nothing(zygote: &Zygote) {
    let (mut host, pids) = busy_host(zygote);
    host.done(Request::Shutdown);
    all_end(&pids);
    assert!(cgroups(&host.id).is_empty());
    assert!(!host.socket().exists());
}

fn the_end_of_host_init_is_the_end(zygote: &Zygote) {
    let (mut host, pids) = busy_host(zygote);
    rustix::process::kill_process(rustix::process::Pid::from_raw(host.init).unwrap(), rustix::process::Signal::KILL)
        .unwrap();
    for id in ["e1", "running", "created", WORKSTATION] {
        assert_eq!(host.exit(id).0, 137);
    }
    assert!(host.receive().is_none(), "the keeper ends");
    all_end(&pids);
    assert!(cgroups(&host.id).is_empty());
    assert!(!host.socket().exists());
}

fn a_killed_keeper_takes_all_along(zygote: &Zygote) {
    let (mut host, pids) = busy_host(zygote);
    rustix::process::kill_process(rustix::process::Pid::from_raw(host.keeper).unwrap(), rustix::process::Signal::KILL)
        .unwrap();
    assert!(host.receive().is_none());
    all_end(&pids);
    runtime::keeper::sweep(&host.id).unwrap();
    assert!(cgroups(&host.id).is_empty());
    runtime::keeper::sweep(&host.id).expect("sweeping twice is fine");
}

fn a_host_that_cannot_be_says_why(zygote: &Zygote) {
    let failure = |change: fn(&mut HostConfig)| match Host::start_with(zygote, change) {
        Err(failure) => failure,
        Ok(_) => panic!("it starts"),
    };
    assert_eq!(failure(|config| config.id = "../x".into()).kind, FailureKind::Invalid);
    assert!(failure(|config| config.socket = "/nonexistent/keeper.sock".into()).message.contains("/nonexistent"));
    let no_layer = failure(|config| {
        config.rootfs = Rootfs::Overlay { lower: vec!["/nonexistent".into()], upper: "/x".into(), work: "/y".into() };
    });
    assert!(no_layer.message.contains("/nonexistent"), "{}", no_layer.message);
    let mut host = Host::start(zygote);
    assert_eq!(host.run("c1", &["true"]).0, 0, "the zygote goes on");
}

fn nonsense_is_disconnected_and_nobody_else(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    for nonsense in [b"{".as_slice(), b"null", b"{\"seq\":1,\"body\":\"Sing\"}", &[0xff; 200_000]] {
        let mut other = Client::new(&host.socket()).unwrap();
        runtime::wire::send_packet(&other, nonsense, &[]).unwrap();
        assert!(other.receive().unwrap().is_none());
    }
    assert_eq!(host.run("c1", &["true"]).0, 0);
}

fn every_engine_hears_of_ends(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    let mut other = Client::new(&host.socket()).unwrap();
    other.send(Request::Hello).unwrap();
    assert!(matches!(other.receive().unwrap().unwrap().0, Message::Reply(_)));
    assert_eq!(host.run("c1", &["sh", "-c", "exit 6"]).0, 6);
    let Some((Message::Event(Event::Exited(state)), _)) = other.receive().unwrap() else { panic!("no event") };
    assert!(matches!(state.status, Status::Exited { code: 6, .. }));
}

/// Set to a file with a [`HostConfig`], this program is a server with that host, until it is killed.
pub(crate) const SERVER: &str = "KEEPER_TEST_SERVER";

pub(crate) fn be_a_server(zygote: &Zygote, config: &std::ffi::OsStr) -> ! {
    let config: HostConfig = serde_json::from_slice(&std::fs::read(config).unwrap()).unwrap();
    zygote.spawn_keeper(&config, Held::default()).unwrap();
    println!("ready");
    std::thread::sleep(PATIENCE);
    std::process::exit(1)
}

fn keepers_outlive_a_killed_server(_: &Zygote) {
    let (directory, config) = Host::prepare();
    let file = directory.join("host.json");
    std::fs::write(&file, serde_json::to_vec(&config).unwrap()).unwrap();
    let mut server = Command::new(std::env::current_exe().unwrap());
    let mut server = server.env(SERVER, &file).stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 6];
    server.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    let mut host = Host::connect(directory, &config).unwrap();
    host.create("c1", &["sleep", "1000"], |_, _| {});
    host.start_container("c1");
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.id())).unwrap();
    let zygotes: Vec<i32> = children.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(zygotes.len(), 1);
    server.kill().unwrap();
    server.wait().unwrap();
    all_end(&zygotes);

    host.client = Client::new(&host.socket()).unwrap();
    let state = host.states().into_iter().find(|state| state.id == "c1").unwrap();
    assert!(matches!(state.status, Status::Running { .. }), "{state:?}");
    assert_eq!(host.run("c2", &["true"]).0, 0);
}

fn the_engines_socket_is_in_the_workstation(zygote: &Zygote) {
    let mut host = Host::start_with(zygote, |config| config.engine_socket = Some("/run/docker.sock".into())).unwrap();
    let (Reply::Hello(hello), fds) = host.call(Request::Hello) else { panic!() };
    assert_eq!(fds.len(), 3);
    let (init, files) = (hello.init, hello.sort(fds).unwrap());
    let listener = UnixListener::from(files.engine_socket.unwrap());
    let mut inside = UnixStream::connect(format!("/proc/{init}/root/run/docker.sock")).unwrap();
    inside.write_all(b"GET /_ping").unwrap();
    let mut received = [0; 10];
    listener.accept().unwrap().0.read_exact(&mut received).unwrap();
    assert_eq!(&received, b"GET /_ping");
    // They are the host's namespaces, not the machine's.
    for (fd, name) in [(&files.user_namespace, "user"), (&files.network_namespace, "net")] {
        let of = |path: String| std::fs::read_link(path).unwrap();
        let found = of(format!("/proc/self/fd/{}", fd.as_raw_fd()));
        assert_eq!(found, of(format!("/proc/{init}/ns/{name}")));
        assert_ne!(found, of(format!("/proc/self/ns/{name}")));
    }
}
