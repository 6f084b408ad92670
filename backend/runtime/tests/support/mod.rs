//! A keeper for tests: a process of its own that makes a virtual host, runs things in it, and leaves nothing behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(dead_code, unreachable_pub, reason = "shared by several tests, none uses all of it")]
#![allow(unsafe_code, reason = "a keeper is a fork")]

mod rootfs;
pub mod spec;
pub mod status;

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use oci_spec::runtime::{LinuxNamespaceType, Process, Spec};
use runtime::cgroup::{self, Limits};
use runtime::failure::Failure;
use runtime::process::{
    BuildMessage, Building, Host, HostInit, Io, NewContainer, NewExec, fork_container, fork_exec, fork_host_init,
};
use runtime::wire;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;

pub use rootfs::Image;

/// Set in a process that runs one test alone.
const ALONE: &str = "LERNHAFEN_TEST_ALONE";

/// Runs `test` in a process of its own with one thread, as a keeper is. Afterwards nothing of it must be left.
pub fn as_keeper(name: &str, test: impl FnOnce(&mut Keeper)) {
    alone(|| in_a_fork(name, test));
}

/// The same where no other test runs anyway.
pub fn in_a_fork(name: &str, test: impl FnOnce(&mut Keeper)) {
    // SAFETY: this process runs no other test, and the harness's own thread only waits: no lock is held.
    let child = match unsafe { nix::unistd::fork() }.unwrap() {
        nix::unistd::ForkResult::Parent { child } => child,
        nix::unistd::ForkResult::Child => {
            // The usual hook would write to where only the parent's test harness looks.
            std::panic::set_hook(Box::new(|panic| drop(writeln!(std::io::stderr(), "{panic}"))));
            nix::unistd::alarm::set(60);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let mut keeper = Keeper::new(name);
                test(&mut keeper);
                keeper.end();
            }));
            // SAFETY: nothing of the parent's must be run here.
            unsafe { libc::_exit(i32::from(outcome.is_err())) }
        }
    };
    let status = waitpid(child, None).unwrap();
    if status != WaitStatus::Exited(child, 0) {
        // A failed test leaves nothing either. Its processes have ended with it.
        cgroup::kill(&cgroup_of(child.as_raw())).unwrap();
        cgroup::remove(&cgroup_of(child.as_raw())).unwrap();
        drop(fs::remove_dir_all(rootfs::directory(name, child.as_raw())));
    }
    assert_eq!(status, WaitStatus::Exited(child, 0), "the keeper failed, see above");
}

/// Runs the calling test in a process without other tests: a fork beside running threads could inherit a lock that one
/// of them holds, and wait for it for ever.
pub fn alone(test: impl FnOnce()) {
    if std::env::var_os(ALONE).is_some() {
        return test();
    }
    let thread = std::thread::current();
    let name = thread.name().unwrap();
    let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
    alone.args(["--exact", name, "--test-threads=1", "--nocapture"]).env(ALONE, "1");
    let output = alone.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// The cgroup of the virtual host whose keeper has this pid.
fn cgroup_of(keeper: i32) -> String {
    format!("lernhafen-test-{keeper}")
}

pub struct Keeper {
    pub image: Image,
    pub host: Host,
    pub engine_socket: Option<OwnedFd>,
    mounts: usize,
    count: usize,
}

/// A process that is running, or waits to be started.
pub struct Running {
    pub pid: i32,
    pub channel: OwnedFd,
    pub building: Streams,
    pub terminal: Option<OwnedFd>,
    pub network_namespace: Option<OwnedFd>,
}

pub struct Streams {
    pub stdin: Option<OwnedFd>,
    pub stdout: Option<OwnedFd>,
    pub stderr: Option<OwnedFd>,
}

#[derive(Debug)]
pub struct Output {
    /// 128 + signal for a killed one.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Keeper {
    fn new(name: &str) -> Self {
        rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
        let mounts = count_mounts();
        let image = Image::new(name);
        let pid = rustix::process::getpid().as_raw_nonzero().get();
        let id_base = 0x1000_0000 + (pid.unsigned_abs() % 4096) * 65_536;
        let cgroup = cgroup_of(pid);
        cgroup::create(&cgroup, &Limits { pids: Some(200), ..Limits::default() }).unwrap();
        let spec = spec::workstation();
        let rootfs = image.rootfs("workstation", id_base);
        let new = HostInit {
            id_base,
            cgroup: &cgroup,
            spec: &spec,
            rootfs: &rootfs,
            engine_socket: Some("/run/docker.sock".as_ref()),
        };
        let building = fork_host_init(&new).unwrap();
        let (init, mut fds) = ready(&building).unwrap();
        reap(building.builder);
        let engine_socket = fds.pop();
        let namespace = |name: &str| File::open(format!("/proc/{init}/ns/{name}")).unwrap().into();
        let host = Host { id_base, user_namespace: namespace("user"), pid_namespace: namespace("pid"), init, cgroup };
        Self { image, host, engine_socket, mounts, count: 0 }
    }

    /// Builds a container up to the point before `execve`. Its id and its root's name are `c<n>`.
    pub fn create(&mut self, spec: &Spec, io: Io) -> Result<(String, Running), Failure> {
        self.create_in(spec, io, &[])
    }

    /// The same, in namespaces of other processes.
    pub fn create_in(
        &mut self,
        spec: &Spec,
        io: Io,
        join: &[(LinuxNamespaceType, OwnedFd)],
    ) -> Result<(String, Running), Failure> {
        self.count += 1;
        let id = format!("c{}", self.count);
        let rootfs = self.image.rootfs(&id, self.host.id_base);
        let built = fork_container(&NewContainer { id: &id, spec, rootfs: &rootfs, binds: &[], io, join }, &self.host)
            .and_then(finish);
        if built.is_err() {
            cgroup::remove(&self.cgroup(&id)).unwrap();
        }
        Ok((id, built?))
    }

    /// Creates and starts.
    pub fn start(&mut self, spec: &Spec, io: Io) -> Result<(String, Running), Failure> {
        let (id, running) = self.create(spec, io)?;
        if let Err(failure) = running.start() {
            reap(running.pid);
            cgroup::remove(&self.cgroup(&id)).unwrap();
            return Err(failure);
        }
        Ok((id, running))
    }

    /// Runs a container to its end.
    pub fn run(&mut self, spec: &Spec) -> Result<Output, Failure> {
        let (id, running) = self.start(spec, Io::default())?;
        let output = running.output();
        cgroup::remove(&self.cgroup(&id)).unwrap();
        Ok(output)
    }

    pub fn exec(&self, id: &str, init: i32, spec: &Spec, process: &Process, io: Io) -> Result<Running, Failure> {
        let cgroup = self.cgroup(id);
        let running = fork_exec(&NewExec { init, cgroup: &cgroup, process, spec, io }, &self.host).and_then(finish)?;
        match running.started() {
            Ok(()) => Ok(running),
            Err(failure) => {
                reap(running.pid);
                Err(failure)
            }
        }
    }

    /// Kills a container and removes its cgroup.
    pub fn remove(&self, id: &str, running: Running) {
        running.kill();
        reap(running.pid);
        cgroup::remove(&self.cgroup(id)).unwrap();
    }

    pub fn cgroup(&self, id: &str) -> String {
        format!("{}/{id}", self.host.cgroup)
    }

    fn end(self) {
        assert_eq!(waitpid(None, Some(nix::sys::wait::WaitPidFlag::WNOHANG)), Ok(WaitStatus::StillAlive), "a zombie");
        assert!(!cgroup::oom_killed(&self.host.cgroup).unwrap());
        cgroup::kill(&self.host.cgroup).unwrap();
        assert_eq!(reap(self.host.init), 137);
        assert_eq!(waitpid(None, None), Err(nix::errno::Errno::ECHILD), "a process is left");
        cgroup::remove(&self.host.cgroup).unwrap();
        let left = fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert_eq!(count_mounts(), self.mounts, "a mount is left:\n{left}");
        let groups =
            std::process::Command::new("find").args(["/sys/fs/cgroup", "-name", &self.host.cgroup]).output().unwrap();
        assert!(groups.stdout.is_empty(), "a cgroup is left");
    }
}

impl Running {
    /// Lets a created container go on to `execve`.
    pub fn start(&self) -> Result<(), Failure> {
        nix::unistd::write(&self.channel, b"x").unwrap();
        self.started()
    }

    /// With a container's init the kernel kills its execs, and the init's end comes when they have been reaped.
    pub fn kill(&self) {
        nix::sys::signal::kill(Pid::from_raw(self.pid), nix::sys::signal::Signal::SIGKILL).unwrap();
    }

    fn started(&self) -> Result<(), Failure> {
        match wire::receive::<BuildMessage>(&self.channel).unwrap() {
            None => Ok(()),
            Some((BuildMessage::Failed(failure), _)) => Err(failure),
            Some((other, _)) => panic!("{other:?}"),
        }
    }

    /// Waits for its end and for all that it has written.
    pub fn output(mut self) -> Output {
        drop(self.building.stdin.take());
        let stdout = self.building.stdout.take().map(read_all).unwrap_or_default();
        let stderr = self.building.stderr.take().map(read_all).unwrap_or_default();
        let terminal = self.terminal.take().map(read_all).unwrap_or_default();
        Output { code: reap(self.pid), stdout: stdout + &terminal, stderr }
    }

    pub fn write(&self, text: &str) {
        let end = self.terminal.as_ref().or(self.building.stdin.as_ref()).unwrap();
        let mut file = File::from(end.try_clone().unwrap());
        file.write_all(text.as_bytes()).unwrap();
    }
}

fn finish(building: Building) -> Result<Running, Failure> {
    let built = ready(&building);
    reap(building.builder);
    let Building { channel, stdin, stdout, stderr, .. } = building;
    match built {
        Ok((pid, mut fds)) => {
            let (mut terminal, mut network_namespace) = (None, None);
            for fd in fds.drain(..) {
                match nix::unistd::isatty(&fd) {
                    Ok(true) => terminal = Some(fd),
                    _ => network_namespace = Some(fd),
                }
            }
            let building = Streams { stdin, stdout, stderr };
            Ok(Running { pid, channel, building, terminal, network_namespace })
        }
        Err(failure) => Err(failure),
    }
}

/// The fds beside `Ready`, without the pidfd.
fn ready(building: &Building) -> Result<(i32, Vec<OwnedFd>), Failure> {
    match wire::receive::<BuildMessage>(&building.channel).unwrap() {
        Some((BuildMessage::Ready { pid, terminal, network_namespace, engine_socket }, mut fds)) => {
            let flags = usize::from(terminal) + usize::from(network_namespace) + usize::from(engine_socket);
            assert_eq!(fds.len(), 1 + flags);
            fds.remove(0);
            Ok((pid, fds))
        }
        Some((BuildMessage::Failed(failure), _)) => Err(failure),
        None => panic!("the builder ended without a word"),
    }
}

/// The exit code as a shell has it.
pub fn reap(pid: i32) -> i32 {
    match waitpid(Pid::from_raw(pid), None).unwrap() {
        WaitStatus::Exited(_, code) => code,
        WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
        other => panic!("{other:?}"),
    }
}

/// A terminal says EIO when nobody has its other end open any more.
pub fn read_all(fd: OwnedFd) -> String {
    let (mut bytes, mut file) = (Vec::new(), File::from(fd));
    match file.read_to_end(&mut bytes) {
        Err(error) if error.raw_os_error() != Some(libc::EIO) => panic!("{error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn count_mounts() -> usize {
    fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count()
}
