//! `docker stop` and `docker restart`: ask nicely, wait, then insist.

use super::signal;
use crate::host::VirtualHost;
use crate::{Error, ErrorKind, Result};
use runtime::keeper::protocol::Request;
use std::time::Duration;

/// Seconds that Docker waits between the stop signal and `SIGKILL`.
const DEFAULT_TIMEOUT: i64 = 10;

impl VirtualHost {
    /// Sends the stop signal, waits `timeout` seconds (negative: forever; `None`: the container's own, or 10), then kills.
    /// Errors: not found, not running ([`ErrorKind::NotModified`]), no such signal.
    pub async fn stop_container(&self, name: &str, signal: Option<&str>, timeout: Option<i64>) -> Result<()> {
        let entry = self.entry(name)?;
        if !entry.is_running() {
            return Err(Error::new(ErrorKind::NotModified, format!("container {name} is not running")));
        }
        let (own_signal, own_timeout) = {
            let record = entry.record();
            (record.spec.stop_signal.clone(), record.spec.stop_timeout)
        };
        let signal = match signal.or(own_signal.as_deref()) {
            Some(name) => signal::parse(name)?,
            None => nix::libc::SIGTERM,
        };
        let mut lifecycle = entry.lifecycle();
        self.signal(&entry, signal).await?;
        let exited = lifecycle.wait_for(|life| !life.running);
        match timeout.or(own_timeout).unwrap_or(DEFAULT_TIMEOUT) {
            forever if forever < 0 => {
                let _ = exited.await;
            }
            seconds => {
                let patience = Duration::from_secs(seconds.unsigned_abs());
                if tokio::time::timeout(patience, exited).await.is_err() {
                    self.kill_and_wait(&entry).await?;
                }
            }
        }
        // `--rm` may have removed it by now; then there is nothing left to tell of.
        self.container_event(&entry.id, "stop");
        Ok(())
    }

    /// Stops it if it runs, and starts it.
    pub async fn restart_container(&self, name: &str, signal: Option<&str>, timeout: Option<i64>) -> Result<()> {
        let entry = self.entry(name)?;
        match self.stop_container(&entry.id, signal, timeout).await {
            Err(error) if error.kind != ErrorKind::NotModified => return Err(error),
            _ => {}
        }
        self.start_container(&entry.id).await?;
        self.container_event(&entry.id, "restart");
        Ok(())
    }

    /// Kills a container's init, and with it the kernel kills all of its pid namespace; waits until that is recorded.
    pub(crate) async fn kill_and_wait(&self, entry: &super::entry::Entry) -> Result<()> {
        let mut lifecycle = entry.lifecycle();
        self.signal(entry, nix::libc::SIGKILL).await?;
        let _ = lifecycle.wait_for(|life| !life.running).await;
        Ok(())
    }

    pub(crate) async fn signal(&self, entry: &super::entry::Entry, signal: i32) -> Result<()> {
        let request = Request::Signal { id: entry.id.clone(), signal, all: false };
        match self.keeper.request(request).await {
            Ok(_) => Ok(()),
            // It ended by itself in the meantime: what was wanted is so.
            Err(failure) if matches!(Error::from(failure.clone()).kind, ErrorKind::NotFound | ErrorKind::Conflict) => {
                Ok(())
            }
            Err(failure) => Err(failure.into()),
        }
    }
}
