//! The learner's shells in the workstation.

use super::VirtualHost;
use super::session::Session;
use crate::blocking::blocking;
use crate::container::{stream, workstation_spec};
use crate::id;
use crate::{Error, ErrorKind, Result};
use oci_spec::runtime::Process;
use runtime::failure::{Failure, FailureKind};
use runtime::keeper::protocol::{Attach, Exec, ProcessState, Reply, Request, Status, Streams, WORKSTATION};
use runtime::process::Io;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::UnixStream;

/// Bytes of output that the keeper keeps to restore a screen.
const RING: usize = 128 * 1024;

/// Between two looks whether a shell that has ended is forgotten, and how many there are.
const FORGOTTEN: Duration = Duration::from_millis(10);
const FORGOTTEN_AFTER: u32 = 500;

/// What is tried as a shell, and where: who removes their home, or bash, is not locked out.
const SHELLS: [(&[&str], &str); 3] =
    [(&["/bin/bash", "--login"], "/root"), (&["/bin/bash", "--login"], "/"), (&["/bin/sh", "-l"], "/")];

/// A connection to a shell's terminal.
#[derive(Debug)]
pub struct Shell {
    pub stream: UnixStream,
    /// How many of the stream's first bytes are old ones, that restore the screen.
    pub replayed: usize,
    /// What the shell's own marks in its output carry, so that nobody else's are taken for them; `None`: it makes none.
    pub marks: Option<String>,
}

/// The variable that tells a shell what its marks are to carry. `images/workstation` takes it away from what it starts.
const MARKS: &str = "LERNHAFEN_MARKS";

impl VirtualHost {
    /// The learner's shell number `terminal` in the workstation: begun if it isn't running, else found again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]: the workstation has no shell, or none any more.
    pub async fn shell(&self, terminal: u8, rows: u16, cols: u16) -> Result<Shell> {
        if self.record.workstation.is_none() {
            return Err(Error::new(ErrorKind::NotFound, "this virtual host has no workstation to open a shell in"));
        }
        let _one_at_a_time = self.shells.lock().await;
        let attach = Attach { id: shell_id(terminal), stdin: true, stdout: true, stderr: false, replay: true };
        if let Ok((Reply::Attached { replayed }, fds)) = self.keeper.request(Request::Attach(attach)).await {
            self.resize_shell(terminal, rows, cols).await?;
            return Ok(Shell { stream: stream(fds)?, replayed, marks: self.variable_of_shell(terminal, MARKS).await });
        }
        let mut process = workstation_spec(&self.hostname(), None, None, self.limits().memory)?
            .process()
            .clone()
            .ok_or_else(|| Error::system("the workstation's spec has no process"))?;
        let marks = hex::encode(id::random::<8>()?);
        process.env_mut().get_or_insert_default().push(format!("{MARKS}={marks}"));
        let size = oci_spec::runtime::BoxBuilder::default().height(u64::from(rows)).width(u64::from(cols)).build();
        process.set_console_size(size.ok());
        for (args, cwd) in SHELLS {
            process.set_args(Some(args.iter().map(|&arg| arg.to_owned()).collect())).set_cwd(PathBuf::from(cwd));
            match self.begin_shell(terminal, process.clone(), &marks).await? {
                Ok(shell) => return Ok(shell),
                Err(failure) => tracing::debug!(host = self.id().as_str(), failure.message, "a shell isn't there"),
            }
        }
        Err(Error::not_found("the workstation has no shell any more"))
    }

    /// The numbers of the shells that run, in order.
    pub async fn shells(&self) -> Result<Vec<u8>> {
        let mut processes = self.processes().await?;
        processes.retain(|process| matches!(process.status, Status::Running { .. }));
        let mut numbers: Vec<u8> =
            processes.iter().filter_map(|process| process.id.strip_prefix(SHELL)?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The command lines of what runs in a shell, a few at most.
    pub async fn shell_commands(&self, terminal: u8) -> Result<Vec<String>> {
        match self.shell_session(terminal).await? {
            Some(session) => blocking("looking at a terminal", move || session.commands()).await,
            None => Ok(Vec::new()),
        }
    }

    /// Ends a shell and what was begun in it, however it resists; fine if there is none. What left its session (`setsid`) lives on,
    /// and so do containers, as when a terminal is closed elsewhere.
    pub async fn end_shell(&self, terminal: u8) -> Result<()> {
        // Nobody must find it while it is ending.
        let _one_at_a_time = self.shells.lock().await;
        let Some(session) = self.shell_session(terminal).await? else { return Ok(()) };
        blocking("ending a terminal", move || session.end()).await?;
        // Whoever hears of its end has the keeper forget it.
        for _ in 0..FORGOTTEN_AFTER {
            if self.shell_session(terminal).await?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(FORGOTTEN).await;
        }
        Err(Error::system("a shell that has been killed is not forgotten"))
    }

    /// Sets the size of a shell's terminal, in characters.
    pub async fn resize_shell(&self, terminal: u8, rows: u16, cols: u16) -> Result<()> {
        self.keeper.request(Request::Resize { id: shell_id(terminal), rows, cols }).await?;
        Ok(())
    }

    /// The inner error: the workstation hasn't got that shell, or that directory.
    async fn begin_shell(&self, terminal: u8, process: Process, marks: &str) -> Result<Result<Shell, Failure>> {
        let exec = Exec {
            id: shell_id(terminal),
            container: WORKSTATION.to_owned(),
            process,
            io: Io { stdin: true, stdin_once: false },
            ring: RING,
            attach: Some(Streams { stdin: true, stdout: true, stderr: false }),
        };
        match self.keeper.request(Request::Exec(Box::new(exec))).await {
            Ok((_, fds)) => Ok(Ok(Shell { stream: stream(fds)?, replayed: 0, marks: Some(marks.to_owned()) })),
            Err(failure)
                if matches!(failure.kind, FailureKind::CommandNotFound | FailureKind::CommandNotExecutable) =>
            {
                Ok(Err(failure))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// `None`: the keeper doesn't know of such a shell.
    async fn shell_session(&self, terminal: u8) -> Result<Option<Session>> {
        let id = shell_id(terminal);
        let shell = self.processes().await?.into_iter().find(|process| process.id == id);
        Ok(shell.map(|shell| Session::new(shell.pid, self.cgroup_of(WORKSTATION))))
    }

    /// What there is on this host, as its keeper knows it.
    pub(super) async fn processes(&self) -> Result<Vec<ProcessState>> {
        let (reply, _) = self.keeper.request(Request::Hello).await?;
        match reply {
            Reply::Hello(hello) => Ok(hello.processes),
            _ => Err(Error::system("the keeper doesn't say what there is")),
        }
    }
}

/// What shells are called at the keeper, before their number.
const SHELL: &str = "shell-";

pub(super) fn shell_id(terminal: u8) -> String {
    format!("{SHELL}{terminal}")
}
