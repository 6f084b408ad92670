//! `docker stop` and `docker restart`: ask nicely, wait, then insist.

use super::entry::Entry;
use crate::host::VirtualHost;
use crate::{Error, ErrorKind, Result, signal};
use runtime::keeper::protocol::Request;
use std::sync::Arc;
use std::time::Duration;

/// Seconds that Docker waits between the stop signal and `SIGKILL`.
const DEFAULT_TIMEOUT: i64 = 10;

impl VirtualHost {
    /// Sends the stop signal, waits `timeout` seconds (negative: forever; `None`: the container's own, or 10), then kills.
    /// Errors: not found, not running ([`ErrorKind::NotModified`]), no such signal.
    pub async fn stop_container(&self, name: &str, signal: Option<&str>, timeout: Option<i64>) -> Result<()> {
        let cannot =
            |error: Error| Error { message: format!("cannot stop container: {name}: {}", error.message), ..error };
        let entry = self.entry(name)?;
        match self.stop_entry(&entry, signal, timeout).await {
            Err(error) if error.kind != ErrorKind::NotModified => Err(cannot(error)),
            other => other,
        }
    }

    async fn stop_entry(&self, entry: &Arc<Entry>, signal: Option<&str>, timeout: Option<i64>) -> Result<()> {
        if self.cancel_restart(entry).await? {
            self.container_event(&entry.id, "stop");
            return Ok(());
        }
        if !entry.is_running() {
            return Err(Error::new(ErrorKind::NotModified, format!("container {} is not running", entry.id)));
        }
        let (own_signal, own_timeout) = {
            let record = entry.record();
            (record.spec.stop_signal.clone(), record.spec.stop_timeout)
        };
        let signal = match signal.or(own_signal.as_deref()) {
            Some(signal) => signal::parse(signal)?,
            None => nix::libc::SIGTERM,
        };
        self.stopped_by_hand(entry)?;
        let mut lifecycle = entry.lifecycle();
        self.signal(entry, signal).await?;
        let exited = lifecycle.wait_for(|life| !life.running);
        match timeout.or(own_timeout).unwrap_or(DEFAULT_TIMEOUT) {
            forever if forever < 0 => {
                let _ = exited.await;
            }
            seconds => {
                let patience = Duration::from_secs(seconds.unsigned_abs());
                if tokio::time::timeout(patience, exited).await.is_err() {
                    self.kill_and_wait(entry).await?;
                }
            }
        }
        // `--rm` may have removed it by now; then there is nothing left to tell of.
        self.container_event(&entry.id, "stop");
        Ok(())
    }

    /// Stops it if it runs, and starts it.
    pub async fn restart_container(
        self: &Arc<Self>,
        name: &str,
        signal: Option<&str>,
        timeout: Option<i64>,
    ) -> Result<()> {
        let entry = self.entry(name)?;
        let cannot =
            |error: Error| Error { message: format!("Cannot restart container {name}: {}", error.message), ..error };
        match self.stop_entry(&entry, signal, timeout).await {
            Err(error) if error.kind != ErrorKind::NotModified => return Err(cannot(error)),
            _ => {}
        }
        self.start_container(&entry.id).await.map_err(cannot)?;
        self.container_event(&entry.id, "restart");
        Ok(())
    }

    /// Kills a container's init, and with it the kernel kills all of its pid namespace; waits until that is recorded.
    pub(crate) async fn kill_and_wait(&self, entry: &Entry) -> Result<()> {
        let mut lifecycle = entry.lifecycle();
        self.signal(entry, nix::libc::SIGKILL).await?;
        let _ = lifecycle.wait_for(|life| !life.running).await;
        Ok(())
    }

    pub(crate) async fn signal(&self, entry: &Entry, signal: i32) -> Result<()> {
        let request = Request::Signal { id: entry.id.to_string(), signal, all: false };
        // Before the end that it may bring.
        let details = [("signal".to_owned(), signal.to_string())].into();
        self.container_event_with(&entry.id, "kill", details);
        match self.keeper.request(request).await {
            Ok(_) => self.wake_for_signal(entry, signal).await,
            // It ended by itself in the meantime: what was wanted is so.
            Err(failure) if matches!(Error::from(failure.clone()).kind, ErrorKind::NotFound | ErrorKind::Conflict) => {
                Ok(())
            }
            Err(failure) => Err(failure.into()),
        }
    }
}
