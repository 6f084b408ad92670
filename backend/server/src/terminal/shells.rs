//! Where shells come from.

use engine::VirtualHost;
use engine::container::{ListOptions, Status};
use engine::host::{Foreground, Shell};
use futures_util::future::BoxFuture;

/// Size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: u16,
    pub(crate) cols: u16,
}

impl Size {
    /// What terminals have until somebody says.
    pub(crate) const USUAL: Self = Self { rows: 24, cols: 80 };

    /// As the browser wants it, within what programs stand.
    pub(crate) fn clamped(rows: u16, cols: u16) -> Self {
        Self { rows: rows.clamp(1, 500), cols: cols.clamp(1, 1000) }
    }
}

/// What has shells: a virtual host.
pub(crate) trait Shells: Send + Sync + 'static {
    /// Begins the shell of that number, or connects to the one that runs.
    fn open(&self, terminal: u8, size: Size) -> BoxFuture<'_, engine::Result<Shell>>;
    fn resize(&self, terminal: u8, size: Size) -> BoxFuture<'_, engine::Result<()>>;
    /// The command lines of what runs in a shell.
    fn commands(&self, terminal: u8) -> BoxFuture<'_, engine::Result<Vec<String>>>;
    /// Ends a shell and what was begun in it.
    fn end(&self, terminal: u8) -> BoxFuture<'_, engine::Result<()>>;
    /// What is in front in that shell's terminal.
    fn foreground(&self, terminal: u8) -> BoxFuture<'_, engine::Result<Foreground>>;
    /// Whether the container of that name runs; `None` if there is none.
    fn container(&self, name: &str) -> Option<bool>;
}

impl Shells for VirtualHost {
    fn open(&self, terminal: u8, size: Size) -> BoxFuture<'_, engine::Result<Shell>> {
        Box::pin(self.shell(terminal, size.rows, size.cols))
    }

    fn resize(&self, terminal: u8, size: Size) -> BoxFuture<'_, engine::Result<()>> {
        Box::pin(self.resize_shell(terminal, size.rows, size.cols))
    }

    fn commands(&self, terminal: u8) -> BoxFuture<'_, engine::Result<Vec<String>>> {
        Box::pin(self.shell_commands(terminal))
    }

    fn end(&self, terminal: u8) -> BoxFuture<'_, engine::Result<()>> {
        Box::pin(self.end_shell(terminal))
    }

    fn foreground(&self, terminal: u8) -> BoxFuture<'_, engine::Result<Foreground>> {
        Box::pin(self.foreground(terminal))
    }

    fn container(&self, name: &str) -> Option<bool> {
        let containers = self.containers(&ListOptions { all: true, ..ListOptions::default() }).ok()?;
        let container = containers.iter().find(|container| container.name == name)?;
        Some(container.state.status == Status::Running)
    }
}
