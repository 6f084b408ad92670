//! `docker wait`: registered before the container may end, awaited after.

use super::entry::Lifecycle;
use crate::Result;
use crate::host::VirtualHost;
use tokio::sync::watch;

/// When [`VirtualHost::wait_container`] is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaitCondition {
    #[default]
    NotRunning,
    NextExit,
    Removed,
}

/// What [`Waiter::wait`] ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitResult {
    pub status_code: i64,
    pub error: Option<String>,
}

/// A registered wait: nothing that happens after [`VirtualHost::wait_container`] has answered is missed.
#[derive(Debug)]
pub struct Waiter {
    lifecycle: watch::Receiver<Lifecycle>,
    condition: WaitCondition,
    /// How often the container had ended when the wait began.
    exits: u64,
}

impl VirtualHost {
    pub async fn wait_container(&self, name: &str, condition: WaitCondition) -> Result<Waiter> {
        let entry = self.entry(name)?;
        let lifecycle = entry.lifecycle();
        let exits = lifecycle.borrow().exits;
        // One that is about to be restarted counts as running, as in Docker.
        let condition = match condition {
            WaitCondition::NotRunning if entry.is_restarting() => WaitCondition::NextExit,
            other => other,
        };
        Ok(Waiter { lifecycle, condition, exits })
    }
}

impl Waiter {
    /// Waits until the condition holds. A container that is removed ends every wait.
    pub async fn wait(mut self) -> WaitResult {
        let over = self.lifecycle.wait_for(|life| {
            life.removed
                || match self.condition {
                    WaitCondition::NotRunning => !life.running || life.exits > self.exits,
                    WaitCondition::NextExit => life.exits > self.exits,
                    WaitCondition::Removed => false,
                }
        });
        match over.await {
            Ok(life) => WaitResult { status_code: i64::from(life.exit_code), error: None },
            Err(_) => WaitResult { status_code: -1, error: Some("the virtual host has ended".to_owned()) },
        }
    }
}
