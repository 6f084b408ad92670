//! A virtual host to test with: its files, its keeper, and a connection to that.

use runtime::cgroup::HostLimits;
use runtime::failure::Failure;
use runtime::files::protocol::Wish;
use runtime::keeper::client::Client;
use runtime::keeper::hello::Hello;
use runtime::keeper::protocol::*;
use runtime::process::{Io, Rootfs};
use runtime::zygote::{Held, Zygote};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fs;
use std::io::Read;
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{chown, symlink};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long anything may take. Generous: what is tested is that it happens at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const STREAMS: Streams = Streams { stdin: true, stdout: true, stderr: true };

pub(crate) struct Host {
    pub(crate) id: String,
    pub(crate) keeper: i32,
    pub(crate) init: i32,
    pub(crate) client: Client,
    directory: Directory,
    events: VecDeque<ProcessState>,
    /// Who was ended because memory was used up, and that nobody asked for yet.
    shortages: VecDeque<OutOfMemory>,
}

impl Host {
    pub(crate) fn start(zygote: &Zygote) -> Self {
        Self::start_with(zygote, |_| {}).expect("the host starts")
    }

    pub(crate) fn start_with(zygote: &Zygote, change: impl FnOnce(&mut HostConfig)) -> Result<Self, Failure> {
        let (directory, mut config) = Self::prepare();
        change(&mut config);
        zygote.spawn_keeper(&config, Held::default())?;
        Self::connect(directory, &config)
    }

    /// The files of a new host, and what its keeper has to know.
    pub(crate) fn prepare() -> (Directory, HostConfig) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let id = format!("test{}x{count}", std::process::id());
        let directory = Directory(std::env::temp_dir().join(format!("lernhafen-{id}")));
        let id_base = 0x4000_0000 + count * 65_536;
        make_layer(&directory.join("layer"));
        make_writable(&directory.join("workstation"), id_base);
        let config = HostConfig {
            id,
            socket: directory.join("keeper.sock"),
            id_base,
            spec: serde_json::from_value(spec("workstation", &["sh"], false)).unwrap(),
            rootfs: rootfs(&directory, "workstation"),
            limits: HostLimits { memory: 256 << 20, pids: 200, millicpus: 2000 },
            engine_socket: None,
            disk: None,
            router: false,
        };
        (directory, config)
    }

    /// Connects to a keeper that listens already.
    pub(crate) fn connect(directory: Directory, config: &HostConfig) -> Result<Self, Failure> {
        let client = Client::new(&config.socket).unwrap();
        let mut host = Self {
            id: config.id.clone(),
            keeper: 0,
            init: 0,
            client,
            directory,
            events: VecDeque::new(),
            shortages: VecDeque::new(),
        };
        match host.call(Request::Hello) {
            (Reply::Hello(Hello { pid, init, .. }), _) => {
                (host.keeper, host.init) = (pid, init);
                Ok(host)
            }
            (Reply::Failed(failure), _) => Err(failure),
            other => panic!("{other:?}"),
        }
    }

    /// Asks, and waits for the answer; events that come before it are kept.
    pub(crate) fn call(&mut self, request: Request) -> (Reply, Vec<OwnedFd>) {
        let seq = self.client.send(request).unwrap();
        loop {
            match self.receive() {
                Some((Message::Reply(Numbered { seq: answered, body }), fds)) if answered == seq => return (body, fds),
                other => self.keep(other),
            }
        }
    }

    /// Asks for what is answered by [`Reply::Done`].
    pub(crate) fn done(&mut self, request: Request) {
        let (reply, _) = self.call(request);
        assert!(matches!(reply, Reply::Done), "{reply:?}");
    }

    pub(crate) fn fails(&mut self, request: Request) -> Failure {
        match self.call(request) {
            (Reply::Failed(failure), _) => failure,
            other => panic!("{other:?}"),
        }
    }

    /// Waits for the end of a process: its exit code, and whether memory was short.
    pub(crate) fn exit(&mut self, id: &str) -> (i32, bool) {
        loop {
            if let Some(index) = self.events.iter().position(|state| state.id == id) {
                let Some(ProcessState { status: Status::Exited { code, oom_killed, .. }, .. }) =
                    self.events.remove(index)
                else {
                    panic!("an exit without one");
                };
                return (code, oom_killed);
            }
            let message = self.receive();
            self.keep(message);
        }
    }

    /// Waits until something was ended because memory was used up.
    pub(crate) fn shortage(&mut self) -> OutOfMemory {
        loop {
            if let Some(shortage) = self.shortages.pop_front() {
                return shortage;
            }
            let message = self.receive();
            self.keep(message);
        }
    }

    fn keep(&mut self, message: Option<(Message, Vec<OwnedFd>)>) {
        match message {
            Some((Message::Event(Event::Exited(state)), _)) => self.events.push_back(state),
            Some((Message::Event(Event::OutOfMemory(shortage)), _)) => self.shortages.push_back(shortage),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn receive(&mut self) -> Option<(Message, Vec<OwnedFd>)> {
        let timeout = Some(PATIENCE);
        rustix::net::sockopt::set_socket_timeout(&self.client, rustix::net::sockopt::Timeout::Recv, timeout).unwrap();
        self.client.receive().expect("the keeper answers")
    }

    /// A container that is created, but not started.
    pub(crate) fn create(&mut self, id: &str, arguments: &[&str], change: impl FnOnce(&mut Value, &mut Io)) -> i32 {
        match self.call(self.creation(id, arguments, change)) {
            (Reply::Created { pid }, _) => pid,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn creation(&self, id: &str, arguments: &[&str], change: impl FnOnce(&mut Value, &mut Io)) -> Request {
        let bundle = self.directory.join(id);
        let id_base = fs::read_to_string(format!("/proc/{}/uid_map", self.init)).unwrap();
        make_writable(&bundle, id_base.split_whitespace().nth(1).unwrap().parse().unwrap());
        let (mut spec, mut io) = (spec(id, arguments, true), Io::default());
        change(&mut spec, &mut io);
        fs::write(bundle.join("config.json"), spec.to_string()).unwrap();
        let log = Some(LogFile { path: self.log_path(id), max_size: 0, max_files: 1 });
        let rootfs = rootfs(&self.directory, id);
        Request::Create(Box::new(Create {
            id: id.to_owned(),
            join: Vec::new(),
            bundle,
            rootfs,
            binds: Vec::new(),
            io,
            log,
        }))
    }

    pub(crate) fn start_container(&mut self, id: &str) {
        let (reply, _) = self.call(Request::Start { id: id.to_owned() });
        assert!(matches!(reply, Reply::Started { .. }), "{reply:?}");
    }

    /// Runs a container with nothing attached to its end.
    pub(crate) fn run(&mut self, id: &str, arguments: &[&str]) -> (i32, bool) {
        self.create(id, arguments, |_, _| {});
        self.start_container(id);
        self.exit(id)
    }

    pub(crate) fn forget(&mut self, id: &str) {
        self.done(Request::Forget { id: id.to_owned() });
    }

    pub(crate) fn attach(&mut self, id: &str, streams: Streams, replay: bool) -> (UnixStream, usize) {
        let Streams { stdin, stdout, stderr } = streams;
        match self.call(Request::Attach(Attach { id: id.to_owned(), stdin, stdout, stderr, replay })) {
            (Reply::Attached { replayed }, fds) => (stream(fds), replayed),
            other => panic!("{other:?}"),
        }
    }

    /// Starts an exec that is attached from the beginning.
    pub(crate) fn exec(&mut self, container: &str, id: &str, arguments: &[&str], io: Io, terminal: bool) -> UnixStream {
        match self.call(exec_request(container, id, arguments, io, terminal)) {
            (Reply::Started { .. }, fds) => stream(fds),
            other => panic!("{other:?}"),
        }
    }

    /// A helper for a container's files: what it says, and the archive.
    pub(crate) fn files(&mut self, container: &str, wish: Wish) -> (OwnedFd, UnixStream) {
        let rootfs = rootfs(&self.directory, container);
        let files = Files { container: container.to_owned(), rootfs, mounts: Vec::new(), binds: Vec::new(), wish };
        let (reply, fds) = self.call(Request::Files(Box::new(files)));
        assert!(matches!(reply, Reply::Files), "{reply:?}");
        let mut fds = fds.into_iter();
        let control = fds.next().expect("what it says comes along");
        (control, stream(fds.collect()))
    }

    pub(crate) fn log_path(&self, id: &str) -> PathBuf {
        self.directory.join(id).join("log")
    }

    /// The log's lines as (stream, line).
    pub(crate) fn log(&self, id: &str) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.log_path(id)).unwrap();
        let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        entries.map(|entry| (text(&entry, "stream"), text(&entry, "log"))).collect()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.join("keeper.sock")
    }

    pub(crate) fn states(&mut self) -> Vec<ProcessState> {
        match self.call(Request::Hello) {
            (Reply::Hello(Hello { processes, .. }), _) => processes,
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if self.client.send(Request::Shutdown).is_ok() {
            while let Ok(Some(_)) = self.client.receive() {}
        }
        runtime::keeper::sweep(&self.id).unwrap();
        if std::thread::panicking() {
            let complaints = fs::read_to_string(self.directory.join("keeper.log")).unwrap_or_default();
            println!("the keeper complained: {complaints}");
        }
    }
}

/// Removed when dropped.
pub(crate) struct Directory(PathBuf);

impl Deref for Directory {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

pub(crate) fn exec_request(container: &str, id: &str, arguments: &[&str], io: Io, terminal: bool) -> Request {
    Request::Exec(Box::new(Exec {
        id: id.to_owned(),
        container: container.to_owned(),
        process: serde_json::from_value(process(arguments, terminal)).unwrap(),
        io,
        ring: if terminal { 4096 } else { 0 },
        attach: Some(STREAMS),
    }))
}

/// All that comes, to its end.
pub(crate) fn read_all(stream: &mut UnixStream) -> Vec<u8> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).expect("the stream ends");
    all
}

/// The bytes of one stream (1 or 2) in Docker's frames.
pub(crate) fn frames(bytes: &[u8], stream: u8) -> String {
    let (mut rest, mut found) = (bytes, Vec::new());
    while let Some((header, tail)) = rest.split_at_checked(8) {
        let length = u32::from_be_bytes(header[4..].try_into().unwrap()) as usize;
        let (payload, tail) = tail.split_at(length);
        assert!(matches!(header, [1 | 2, 0, 0, 0, ..]), "{header:?}");
        if header[0] == stream {
            found.extend_from_slice(payload);
        }
        rest = tail;
    }
    assert!(rest.is_empty(), "half a frame: {rest:?}");
    String::from_utf8(found).unwrap()
}

/// Reads until `end` has come.
pub(crate) fn read_until(stream: &mut UnixStream, end: &str) -> String {
    let mut found = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&found).contains(end) {
        let context = || format!("waiting for {end:?} after {:?}", String::from_utf8_lossy(&found));
        let count = stream.read(&mut byte).unwrap_or_else(|error| panic!("{}: {error}", context()));
        assert_ne!(count, 0, "the stream ended {}", context());
        found.push(byte[0]);
    }
    String::from_utf8_lossy(&found).into_owned()
}

fn stream(fds: Vec<OwnedFd>) -> UnixStream {
    let stream = UnixStream::from(fds.into_iter().next().expect("a stream comes along"));
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub(crate) fn process(arguments: &[&str], terminal: bool) -> Value {
    json!({
        "terminal": terminal, "user": { "uid": 0, "gid": 0 }, "args": arguments, "cwd": "/",
        "env": ["PATH=/bin", "TERM=xterm"], "noNewPrivileges": true,
    })
}

fn spec(hostname: &str, arguments: &[&str], is_container: bool) -> Value {
    let mount = |kind: &str, at: &str, options: &[&str]| json!({ "destination": at, "type": kind, "source": kind, "options": options });
    let mut namespaces = vec!["mount", "pid", "network", "ipc", "uts", "cgroup"];
    namespaces.retain(|name| is_container || *name != "cgroup");
    json!({
        "ociVersion": "1.2.0", "hostname": hostname, "root": { "path": "rootfs" },
        "process": process(arguments, false),
        "mounts": [
            mount("proc", "/proc", &["nosuid", "noexec", "nodev"]),
            mount("tmpfs", "/dev", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount("devpts", "/dev/pts", &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
        ],
        "linux": { "namespaces": namespaces.into_iter().map(|name| json!({ "type": name })).collect::<Vec<_>>() },
    })
}

fn rootfs(directory: &Path, name: &str) -> Rootfs {
    let own = directory.join(name);
    Rootfs::Overlay { lower: vec![directory.join("layer")], upper: own.join("upper"), work: own.join("work") }
}

fn make_layer(layer: &Path) {
    for name in ["bin", "tmp", "proc", "dev", "etc", "run"] {
        fs::create_dir_all(layer.join(name)).unwrap();
    }
    fs::copy("/bin/busybox", layer.join("bin/busybox")).expect("busybox-static is installed");
    for name in
        ["sh", "cat", "echo", "sleep", "yes", "stty", "true", "head", "wc", "dd", "seq", "kill", "grep", "tail", "rm"]
    {
        symlink("busybox", layer.join("bin").join(name)).unwrap();
    }
}

fn make_writable(directory: &Path, id_base: u32) {
    for name in ["upper", "work"] {
        fs::create_dir_all(directory.join(name)).unwrap();
        chown(directory.join(name), Some(id_base), Some(id_base)).unwrap();
    }
}
