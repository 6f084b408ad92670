//! A whole workshop for a test: sessions with virtual hosts of their own.

use super::{Answer, Engine, eventually, pids};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// `lernhafen serve` over the directories of an engine that has stopped.
pub(crate) struct Workshop {
    pub(crate) engine: Engine,
    pub(crate) port: u16,
    child: Option<Child>,
}

impl Workshop {
    /// Opens a workshop with this deck, where no host begins before somebody joins.
    pub(crate) fn start(deck: &str) -> Self {
        Self::start_with(deck, 0)
    }

    /// The same, where so many hosts begin ahead.
    pub(crate) fn start_with(deck: &str, ready: usize) -> Self {
        let engine = Self::directories(deck, ready);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Some(Self::serve(&engine.dir, port));
        Self { engine, port, child }
    }

    /// What a workshop needs before it is opened, over the directories of an engine that has stopped.
    pub(crate) fn directories(deck: &str, ready: usize) -> Engine {
        let mut engine = Engine::start();
        engine.docker(&["ps"]).ok();
        let keeper = engine.keeper();
        engine.stop_server();
        kill(keeper);
        eventually("the engine's own host has ended", || engine.tenants().is_empty());
        let dir = engine.dir.clone();
        fs::create_dir(dir.join("site")).unwrap();
        fs::write(dir.join("site/index.html"), "<html></html>").unwrap();
        fs::write(dir.join("PITCHME.md"), deck).unwrap();
        let settings = format!("deck = 'PITCHME.md'\ninternet = false\npreflight = false\nready_hosts = {ready}\n");
        fs::write(dir.join("workshop.toml"), settings).unwrap();
        engine
    }

    /// One that the test opens itself, to clean up after it.
    pub(crate) fn of(engine: Engine) -> Self {
        Self { engine, port: 0, child: None }
    }

    /// Ends the server with that signal, and starts it again; the hosts of sessions go on.
    pub(crate) fn restart(&mut self, signal: &str) {
        let mut child = self.child.take().unwrap();
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        child.wait().unwrap();
        self.child = Some(Self::serve(&self.engine.dir, self.port));
    }

    fn serve(dir: &Path, port: u16) -> Child {
        let child = Command::new(env!("CARGO_BIN_EXE_lernhafen"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .args(["--config".as_ref(), dir.join("workshop.toml").as_os_str()])
            .args(["--site".as_ref(), dir.join("site").as_os_str()])
            .args(["--data-dir".as_ref(), dir.join("data").as_os_str()])
            .args(["--run-dir".as_ref(), dir.join("run").as_os_str()])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        eventually("the page answers", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        child
    }

    /// Joins, which begins a virtual host; answers with the session's cookie.
    pub(crate) fn join(&self, name: &str) -> String {
        join(self.port, name)
    }

    pub(crate) fn docker(&self, socket: &Path, args: &[&str]) -> Answer {
        Self::docker_at(&self.engine, socket, args)
    }

    pub(crate) fn docker_at(engine: &Engine, socket: &Path, args: &[&str]) -> Answer {
        let mut command = engine.docker_command(args);
        Answer::from(command.env("DOCKER_HOST", format!("unix://{}", socket.display())).output().unwrap())
    }

    /// Every virtual host's engine socket, as the machine's root reaches it through the workstation.
    pub(crate) fn sockets(&self) -> BTreeSet<PathBuf> {
        sockets(&self.engine.dir.join("run"))
    }
}

/// Joins the workshop whose page is at that port; answers with the session's cookie.
pub(crate) fn join(port: u16, name: &str) -> String {
    let body = format!("{{\"name\":\"{name}\"}}");
    let at = format!("127.0.0.1:{port}");
    let head = format!("POST /api/session HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nConnection: close\r\n");
    let mut stream = TcpStream::connect(&at).unwrap();
    let length = body.len();
    write!(stream, "{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    cookie.unwrap().to_owned()
}

/// The engine sockets of all virtual hosts that run below that directory.
pub(crate) fn sockets(run_dir: &Path) -> BTreeSet<PathBuf> {
    let hosts = fs::read_dir(run_dir.join("hosts")).into_iter().flatten().flatten();
    let hosts: Vec<String> = hosts.map(|host| host.file_name().into_string().unwrap()).collect();
    let of_host = |pid: &u32| {
        let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        hosts.iter().find(|host| groups.contains(&format!("/lernhafen/{host}/workstation"))).cloned()
    };
    let mut found = std::collections::BTreeMap::new();
    for pid in pids() {
        let socket = PathBuf::from(format!("/proc/{pid}/root/run/docker.sock"));
        if let Some(host) = of_host(&pid).filter(|_| socket.exists()) {
            found.entry(host).or_insert(socket);
        }
    }
    found.into_values().collect()
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let dir = self.engine.dir.to_string_lossy().into_owned();
        for pid in pids() {
            if fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&dir))
            {
                kill(pid);
            }
        }
        if let Some(child) = &mut self.child {
            let _ = child.wait();
        }
        let hosts = fs::read_dir(self.engine.dir.join("data/hosts")).into_iter().flatten().flatten();
        for host in hosts.map(|host| host.file_name().into_string().unwrap()) {
            // Only what the keepers' deaths left: empty groups.
            let _ = runtime::keeper::sweep(&host);
            let _ = fs::remove_dir_all(self.engine.dir.join("data/hosts").join(host));
        }
        // The engine's own, for its own cleaning up.
        fs::create_dir_all(self.engine.dir.join("data/hosts/none")).unwrap();
    }
}

fn kill(pid: u32) {
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
}
