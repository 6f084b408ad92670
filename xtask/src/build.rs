//! Building the page and the server side by side.

use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};

use crate::command::{self, say};
use crate::{machine, page, tree};

pub(crate) fn build() -> Result<()> {
    machine::ensure(machine::FOR_RUN)?;
    with_page(server)
}

/// Builds the page while `work` runs. Both are waited for.
pub(crate) fn with_page(work: impl FnOnce() -> Result<()>) -> Result<()> {
    thread::scope(|scope| {
        let page = scope.spawn(page::build);
        let work = work();
        let page = page.join().map_err(|_| anyhow!("the build of the page broke off; what it said is above"))?;
        work.and(page)
    })
}

/// Builds the server as it is used.
pub(crate) fn server() -> Result<()> {
    let start = Instant::now();
    command::run(tree::cargo().args(["build", "--quiet", "--release", "--locked", "--package", "server"]))?;
    say("Built", &format!("the server ({} s)", start.elapsed().as_secs()));
    Ok(())
}
