//! A stand-alone engine for a test, and the real Docker CLI to ask it.
//!
//! `cargo xtask test` provides what this needs and says where it is: the CLI (`LERNHAFEN_DOCKER`) and a data directory
//! with the base images (`LERNHAFEN_TEST_DATA`), of which each test gets a copy of its own.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

pub(crate) mod workshop;

use rustix::termios::{LocalModes, tcgetattr};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(30);

/// `lernhafen engine` with directories of its own.
pub(crate) struct Engine {
    pub(crate) dir: PathBuf,
    options: Vec<String>,
    child: Option<Child>,
}

impl Engine {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with further options of `lernhafen engine`.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        Self::start_over("LERNHAFEN_TEST_DATA", "test-data", options)
    }

    /// The same over the images of the catalogue.
    pub(crate) fn start_with_catalogue() -> Self {
        Self::start_over("LERNHAFEN_TEST_CATALOGUE", "test-catalogue", &[])
    }

    /// Over a copy of the images in the directory that a variable names, or that `cargo xtask test` makes.
    fn start_over(variable: &str, made: &str, options: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("lernhafen-cli-{}-{number}", std::process::id()));
        fs::create_dir(&dir).unwrap();
        let images = std::env::var(variable).unwrap_or_else(|_| {
            let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(made);
            built.to_string_lossy().into_owned()
        });
        // Hard links: layers are never written, and the copy costs nothing.
        let copied = Command::new("cp").args(["-al", &images]).arg(dir.join("data")).output().unwrap();
        assert!(copied.status.success(), "no base images in {images}: run `cargo xtask test` ({copied:?})");
        for database in fs::read_dir(dir.join("data")).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            let own = fs::read(database.path()).unwrap();
            fs::remove_file(database.path()).unwrap();
            fs::write(database.path(), own).unwrap();
        }
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let mut engine = Self { dir, options, child: None };
        engine.start_again();
        engine
    }

    /// What the server is started with the next time.
    pub(crate) fn change_options(&mut self, options: &[&str]) {
        self.options = options.iter().map(|&option| option.to_owned()).collect();
    }

    /// Starts the server (again) over the same directories, and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        let child = Command::new(env!("CARGO_BIN_EXE_lernhafen"))
            .arg("engine")
            .arg("--socket")
            .arg(self.socket())
            .arg("--data-dir")
            .arg(self.dir.join("data"))
            .arg("--run-dir")
            .arg(self.dir.join("run"))
            .args(&self.options)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        eventually("the engine answers", || UnixStream::connect(self.socket()).is_ok());
    }

    /// Kills the server as a crash would: its keepers stay.
    pub(crate) fn kill_server(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks the server to stop; containers go on.
    pub(crate) fn stop_server(&mut self) {
        let mut child = self.child.take().unwrap();
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(child.wait().unwrap().success());
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.join("docker.sock")
    }

    pub(crate) fn server_pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// The pid of the one keeper.
    pub(crate) fn keeper(&self) -> u32 {
        let named: Vec<u32> = self.processes().into_iter().filter(|pid| comm(*pid) == "lernhafen-keep").collect();
        // What it has just forked has its name still.
        let keepers: Vec<u32> = named.iter().copied().filter(|pid| !named.contains(&parent(*pid))).collect();
        assert_eq!(keepers.len(), 1, "one keeper: {keepers:?}");
        keepers[0]
    }

    /// A process in the network of the virtual host, which begins with the first question.
    pub(crate) fn inside(&self) -> u32 {
        self.docker(&["ps"]).ok();
        let keeper = self.keeper();
        let mut found = None;
        eventually("the virtual host has begun", || {
            // The keeper's other child, the canary, is in none of the host's namespaces.
            found = pids().into_iter().find(|&pid| parent(pid) == keeper && comm(pid) != "canary");
            found.is_some()
        });
        found.unwrap()
    }

    /// The virtual host's id, as its cgroup is called.
    pub(crate) fn host_id(&self) -> String {
        let hosts: Vec<_> = fs::read_dir(self.dir.join("data/hosts")).unwrap().flatten().collect();
        assert_eq!(hosts.len(), 1);
        hosts[0].file_name().into_string().unwrap()
    }

    /// What stays of the virtual host, as its keeper sees it: what it has mounted there nobody else sees.
    pub(crate) fn host_files(&self) -> PathBuf {
        let files = self.dir.join("data/hosts").join(self.host_id());
        Path::new(&format!("/proc/{}/root", self.keeper())).join(files.strip_prefix("/").unwrap())
    }

    /// All processes of this engine that are forks of its binary: server, zygote, keeper, host init.
    fn processes(&self) -> Vec<u32> {
        let socket = self.socket().to_string_lossy().into_owned();
        let own = |pid: &u32| {
            fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&socket))
        };
        pids().into_iter().filter(own).collect()
    }

    /// Every process of a tenant on this engine's host: the canary is the keeper's.
    pub(crate) fn tenants(&self) -> Vec<u32> {
        self.members().into_iter().filter(|pid| comm(*pid) != "canary").collect()
    }

    /// Every process in the cgroups of this engine's host.
    pub(crate) fn members(&self) -> Vec<u32> {
        let inside = format!("/lernhafen/{}", self.host_id());
        let within =
            |pid: &u32| fs::read_to_string(format!("/proc/{pid}/cgroup")).is_ok_and(|text| text.contains(&inside));
        pids().into_iter().filter(within).collect()
    }

    /// Every cgroup directory of this engine's host, in every hierarchy.
    pub(crate) fn cgroups(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let host = self.host_id();
        let mut roots: Vec<PathBuf> = fs::read_dir("/sys/fs/cgroup").unwrap().flatten().map(|e| e.path()).collect();
        roots.push(PathBuf::from("/sys/fs/cgroup"));
        for root in roots {
            collect_dirs(&root.join("lernhafen").join(&host), &mut found);
        }
        found.sort();
        found
    }

    /// `docker …` against this engine.
    pub(crate) fn docker(&self, args: &[&str]) -> Answer {
        self.docker_with_input(args, "")
    }

    pub(crate) fn docker_with_input(&self, args: &[&str], input: &str) -> Answer {
        let mut child = self
            .docker_command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the docker CLI, which `cargo xtask test` provides");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Answer::from(child.wait_with_output().unwrap())
    }

    pub(crate) fn docker_command(&self, args: &[&str]) -> Command {
        let docker = std::env::var("LERNHAFEN_DOCKER").unwrap_or_else(|_| "docker".to_owned());
        let mut command = Command::new(docker);
        command.args(args).env("DOCKER_HOST", format!("unix://{}", self.socket().display()));
        // Nobody's own configuration, and nobody's contexts.
        command.env("DOCKER_CONFIG", self.dir.join("docker-config")).env_remove("DOCKER_CONTEXT");
        command
    }

    /// `docker …` in a terminal of its own, with lines typed into it as its prompt shows.
    pub(crate) fn docker_in_terminal(&self, args: &[&str], lines: &str) -> String {
        let command = self.docker_command(args);
        let words: Vec<String> = std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|word| format!("'{}'", word.to_string_lossy()))
            .collect();
        let mut child = Command::new("script")
            .args(["-qec", &words.join(" "), "/dev/null"])
            .envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let shown = Arc::new(Mutex::new(Vec::new()));
        let showing = shown.clone();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                showing.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        let id = child.id();
        eventually("the CLI takes keys", || takes_keys(id) || reader.is_finished());
        let mut typed_at = 0;
        for line in lines.lines() {
            // Who attaches to a shell sees what that shows from now on, which is nothing yet.
            let prompted = || args[0] == "attach" || is_prompt(&shown.lock().unwrap()[typed_at..]);
            eventually("it asks for a line", || prompted() || reader.is_finished());
            typed_at = shown.lock().unwrap().len();
            // If it has ended, what it has shown says why.
            let _ = stdin.write_all(format!("{line}\n").as_bytes());
        }
        drop(stdin);
        child.wait().unwrap();
        reader.join().unwrap();
        String::from_utf8_lossy(&shown.lock().unwrap()).replace('\r', "")
    }

    /// Raw bytes to the socket, and all that comes back until the server closes: ask it to (`Connection: close`).
    pub(crate) fn raw(&self, request: &[u8]) -> String {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Engine {
    /// Ends everything by force: a failed test must not leave its containers to the next.
    fn drop(&mut self) {
        for pid in self.processes() {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
        }
        if let Some(child) = &mut self.child {
            let _ = child.wait();
        }
        let deadline = Instant::now() + PATIENCE;
        while !self.members().is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        // Deepest first: a cgroup with children can't be removed.
        for cgroup in self.cgroups().into_iter().rev() {
            let _ = fs::remove_dir(cgroup);
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Answer {
    /// The output of a command that must have worked, without white space around it.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out.trim().to_owned()
    }

    #[track_caller]
    pub(crate) fn fails_with(self, code: i32, words: &str) {
        assert!(self.code == code && self.err.contains(words), "wanted {code} and {words:?}: {self:?}");
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code().unwrap_or(-1),
        }
    }
}

/// A time as `docker events --until` takes it.
pub(crate) fn seconds_from_now(seconds: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    (now.as_secs() + seconds).to_string()
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the child of `script` has its terminal hand out keys and no lines.
fn takes_keys(script: u32) -> bool {
    let of_child = |pid: &u32| parent(*pid) == script;
    let terminal = pids().into_iter().find(of_child).and_then(|pid| fs::File::open(format!("/proc/{pid}/fd/0")).ok());
    let modes = terminal.and_then(|terminal| tcgetattr(terminal).ok());
    modes.is_some_and(|modes| !modes.local_modes.contains(LocalModes::ICANON))
}

/// Whether a screen's last line is a prompt: the shell's, Python's or Node's.
fn is_prompt(shown: &[u8]) -> bool {
    let text = String::from_utf8_lossy(shown);
    let mut last = text.rsplit(['\n', '\r']).next().unwrap_or_default().to_owned();
    // Without what moves the cursor, colours, or asks the terminal for something: ESC [ … letter.
    while let Some(start) = last.find("\x1b[") {
        let end = last[start + 2..].find(|c: char| c.is_ascii_alphabetic()).map_or(last.len(), |end| start + 3 + end);
        last.replace_range(start..end, "");
    }
    ["/ # ", ">>> ", "> "].contains(&last.as_str())
}

/// A process's id as its virtual host sees it, which is what `inspect` shows.
pub(crate) fn pid_in_host(pid: u32) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    ids.and_then(|ids| ids.split_whitespace().nth(1)).unwrap_or_default().to_owned()
}

/// The process that forked it, or has taken it over; 0 if it has gone.
fn parent(pid: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok()).unwrap_or(0)
}

pub(crate) fn comm(pid: u32) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

pub(crate) fn pids() -> Vec<u32> {
    fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn collect_dirs(dir: &Path, found: &mut Vec<PathBuf>) {
    if dir.is_dir() {
        found.push(dir.to_owned());
        for child in fs::read_dir(dir).into_iter().flatten().flatten() {
            if child.path().is_dir() {
                collect_dirs(&child.path(), found);
            }
        }
    }
}
