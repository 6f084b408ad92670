//! A whole workshop at once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Answer, Engine, eventually, pids};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const HOSTS: usize = 30;

/// `lernhafen serve` over the directories of an engine that has stopped.
struct Workshop {
    engine: Engine,
    port: u16,
    child: Child,
}

impl Workshop {
    fn start() -> Self {
        let mut engine = Engine::start();
        engine.docker(&["ps"]).ok();
        let keeper = engine.keeper();
        engine.stop_server();
        kill(keeper);
        eventually("the engine's own host has ended", || engine.tenants().is_empty());
        let (dir, port) = (engine.dir.clone(), TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
        fs::create_dir(dir.join("site")).unwrap();
        fs::write(dir.join("site/index.html"), "<html></html>").unwrap();
        fs::write(dir.join("PITCHME.md"), "# A deck\n").unwrap();
        fs::write(dir.join("workshop.toml"), "deck = \"PITCHME.md\"\ninternet = false\npreflight = false\n").unwrap();
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
        Self { engine, port, child }
    }

    /// Joins, which begins a virtual host.
    fn join(&self, name: &str) {
        let body = format!("{{\"name\":\"{name}\"}}");
        let at = format!("127.0.0.1:{}", self.port);
        let head = format!("POST /api/session HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nConnection: close\r\n");
        let mut stream = TcpStream::connect(&at).unwrap();
        let length = body.len();
        write!(stream, "{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }

    fn docker(&self, socket: &Path, args: &[&str]) -> Answer {
        let mut command = self.engine.docker_command(args);
        Answer::from(command.env("DOCKER_HOST", format!("unix://{}", socket.display())).output().unwrap())
    }

    /// Every virtual host's engine socket, as the machine's root reaches it through the workstation.
    fn sockets(&self) -> BTreeSet<PathBuf> {
        let hosts = fs::read_dir(self.engine.dir.join("run/hosts")).into_iter().flatten().flatten();
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
        let _ = self.child.wait();
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

#[test]
fn thirty_hosts_begin_and_run_containers_at_once() {
    let workshop = Workshop::start();
    let stored =
        || ["layers", "blobs"].map(|name| fs::read_dir(workshop.engine.dir.join("data").join(name)).unwrap().count());
    let before = stored();
    std::thread::scope(|scope| {
        for number in 0..HOSTS {
            let workshop = &workshop;
            scope.spawn(move || workshop.join(&format!("learner {number}")));
        }
    });
    eventually("all hosts are there", || workshop.sockets().len() == HOSTS);
    let docker = |socket: &PathBuf, args: &[&str]| workshop.docker(socket, args).ok();
    let (docker, sockets) = (&docker, &workshop.sockets());
    std::thread::scope(|scope| {
        for socket in sockets {
            scope.spawn(move || {
                assert_eq!(docker(socket, &["run", "--rm", "busybox", "hostname", "-i"]), "172.17.0.2");
                docker(socket, &["run", "-d", "--name", "web", "busybox", "sleep", "100"]);
                assert_eq!(docker(socket, &["exec", "web", "echo", "mine"]), "mine");
                assert_eq!(docker(socket, &["ps", "-a", "--format", "{{.Names}}"]), "web", "nobody else's");
                docker(socket, &["rm", "-f", "web"]);
                assert_eq!(docker(socket, &["ps", "-aq"]), "");
                assert!(docker(socket, &["images", "-q"]).lines().count() > 1);
            });
        }
    });
    assert_eq!(stored(), before, "what all have is there once");
}

#[test]
fn what_one_learner_pushes_another_pulls() {
    let workshop = Workshop::start();
    workshop.join("Ada");
    workshop.join("Ben");
    eventually("both hosts are there", || workshop.sockets().len() == 2);
    let sockets: Vec<PathBuf> = workshop.sockets().into_iter().collect();
    let (ada, ben) =
        (|args: &[&str]| workshop.docker(&sockets[0], args), |args: &[&str]| workshop.docker(&sockets[1], args));

    ada(&["run", "--name", "change", "busybox", "sh", "-c", "echo ahoy >/greeting"]).ok();
    ada(&["commit", "change", "hub.hafen/ada/app:1"]).ok();
    let pushed = ada(&["push", "hub.hafen/ada/app:1"]).ok();
    assert!(pushed.contains(": Pushed"), "{pushed}");
    assert_eq!(ben(&["run", "--rm", "hub.hafen/ada/app:1", "cat", "/greeting"]).ok(), "ahoy");
    let id = ["image", "inspect", "--format", "{{.Id}} {{.RepoDigests}}", "hub.hafen/ada/app:1"];
    assert_eq!(ben(&id).ok(), ada(&id).ok());
    ben(&["push", "hub.hafen/library/app:1"]).fails_with(1, "does not exist locally with the tag");
    ben(&["pull", "hub.hafen/ada/app:2"]).fails_with(1, "not found");

    // Other clients find it by its name: in a container, in the host's own network, and in the workstation.
    let catalogue = r#"{"repositories":["ada/app"]}"#;
    let get = ["wget", "-qO-", "http://hub.hafen/v2/_catalog"];
    let run = |options: &[&'static str]| [&["run", "--rm"], options, &["busybox"], &get].concat();
    eventually("the registry is in the host's network", || ben(&run(&[])).code == 0);
    assert_eq!(ben(&run(&[])).ok(), catalogue);
    assert_eq!(ben(&run(&["--network", "host"])).ok(), catalogue);
    let hosts = sockets[1].parent().unwrap().parent().unwrap().join("etc/hosts");
    assert!(fs::read_to_string(hosts).unwrap().ends_with("169.254.75.1\thub.hafen\n"));
    ben(&run(&["--network", "none"])).fails_with(1, "bad address 'hub.hafen'");
}

fn kill(pid: u32) {
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
}
