//! The learner's shells in the workstation.

use super::VirtualHost;
use crate::container::{stream, workstation_spec};
use crate::{Error, ErrorKind, Result};
use runtime::keeper::protocol::{Attach, Exec, Io, Reply, Request, Streams, WORKSTATION};
use tokio::net::UnixStream;

/// Bytes of output that the keeper keeps to restore a screen.
const RING: usize = 128 * 1024;

/// A connection to a shell's terminal.
#[derive(Debug)]
pub struct Shell {
    pub stream: UnixStream,
    /// How many of the stream's first bytes are old ones, that restore the screen.
    pub replayed: usize,
}

impl VirtualHost {
    /// The learner's shell number `terminal` in the workstation: begun if it isn't running, else found again.
    pub async fn shell(&self, terminal: u8, rows: u16, cols: u16) -> Result<Shell> {
        if self.record.workstation.is_none() {
            return Err(Error::new(ErrorKind::NotFound, "this virtual host has no workstation to open a shell in"));
        }
        let _one_at_a_time = self.shells.lock().await;
        let id = shell_id(terminal);
        let streams = Streams { stdin: true, stdout: true, stderr: false };
        let attach =
            Attach { id: id.clone(), stdin: streams.stdin, stdout: streams.stdout, stderr: false, replay: true };
        if let Ok((Reply::Attached { replayed }, fds)) = self.keeper.request(Request::Attach(attach)).await {
            self.resize_shell(terminal, rows, cols).await?;
            return Ok(Shell { stream: stream(fds)?, replayed });
        }
        let mut process = workstation_spec(self.hostname(), None, self.limits().memory)?
            .process()
            .clone()
            .ok_or_else(|| Error::system("the workstation's spec has no process"))?;
        let size = oci_spec::runtime::BoxBuilder::default().height(u64::from(rows)).width(u64::from(cols)).build();
        process.set_console_size(size.ok());
        let exec = Exec {
            id,
            container: WORKSTATION.to_owned(),
            process,
            io: Io { stdin: true, stdin_once: false },
            ring: RING,
            attach: Some(streams),
        };
        let (_, fds) = self.keeper.request(Request::Exec(Box::new(exec))).await?;
        Ok(Shell { stream: stream(fds)?, replayed: 0 })
    }

    /// Sets the size of a shell's terminal, in characters.
    pub async fn resize_shell(&self, terminal: u8, rows: u16, cols: u16) -> Result<()> {
        self.keeper.request(Request::Resize { id: shell_id(terminal), rows, cols }).await?;
        Ok(())
    }
}

fn shell_id(terminal: u8) -> String {
    format!("shell-{terminal}")
}
