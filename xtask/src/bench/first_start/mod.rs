//! What a newcomer waits for: from a fresh clone and empty caches to the open page.
//!
//! Rust and Debian's packages are taken as they are on the machine; everything that cargo and npm fetch, all that is
//! compiled, and the images are made anew, in a directory that is removed afterwards.

mod page;

use crate::command::{self, say};
use crate::tree;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often is looked whether the page is there, and how long.
const PAUSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(3600);

/// One line of the result.
struct Row {
    what: String,
    seconds: f64,
}

pub(crate) fn measure() -> Result<()> {
    let directory = tree::target("first-start");
    tree::remove(&directory)?;
    let measured = both(&directory);
    tree::remove(&directory)?;
    println!();
    for Row { what, seconds } in measured? {
        println!("{what:<44} {seconds:>6.1} s");
    }
    Ok(())
}

/// The first start and the second, in a new directory.
fn both(directory: &Path) -> Result<Vec<Row>> {
    say("Cloning", "what is committed");
    command::quiet(Command::new("git").arg("clone").arg(tree::root()).arg(directory.join("tree")))?;
    let first = Start::new(directory)?;
    let (elapsed, mut rows) = first.open()?;
    rows.push(Row { what: "first start, from nothing to the open page".to_owned(), seconds: elapsed });
    let (elapsed, _) = Start::new(directory)?.open()?;
    rows.push(Row { what: "second start".to_owned(), seconds: elapsed });
    Ok(rows)
}

/// A `cargo xtask run` that is under way. Whatever becomes of it, it is ended.
struct Start {
    began: Instant,
    address: SocketAddr,
    process: Child,
    messages: Option<JoinHandle<Vec<Row>>>,
}

impl Start {
    fn new(directory: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let began = Instant::now();
        let mut run = Command::new("cargo");
        run.current_dir(directory.join("tree")).args(["xtask", "run", "--", "--listen", &address.to_string()]);
        run.arg("--data-dir").arg(directory.join("data")).arg("--run-dir").arg(directory.join("run"));
        run.env("CARGO_HOME", directory.join("cargo")).env("npm_config_cache", directory.join("npm"));
        // It has a target directory of its own.
        run.env_remove("CARGO_TARGET_DIR");
        let mut process = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("could not start cargo")?;
        let messages = process.stderr.take().map(|output| thread::spawn(move || listen(output, began)));
        Ok(Self { began, address, process, messages })
    }

    /// Waits for the page and ends the server; how long the page took, and its parts.
    fn open(mut self) -> Result<(f64, Vec<Row>)> {
        while let Err(error) = page::open(self.address) {
            if let Some(status) = self.process.try_wait()? {
                bail!("`cargo xtask run` ended with {status} before there was a page");
            }
            if self.began.elapsed() > PATIENCE {
                return Err(error.context("the page did not come"));
            }
            thread::sleep(PAUSE);
        }
        let elapsed = self.began.elapsed().as_secs_f64();
        self.end()?;
        let rows = self.messages.take().and_then(|messages| messages.join().ok()).unwrap_or_default();
        Ok((elapsed, rows))
    }

    fn end(&mut self) -> Result<()> {
        if self.process.try_wait()?.is_none() {
            // cargo and xtask have made way: the process is the server itself.
            command::quiet(Command::new("kill").arg(self.process.id().to_string()))?;
            self.process.wait()?;
        }
        Ok(())
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        // There is nobody to tell.
        let _ = self.end();
    }
}

/// Passes on what is said, and notes what has taken how long.
fn listen(output: ChildStderr, began: Instant) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        eprintln!("{line}");
        let line = line.trim_start();
        if line.starts_with("Running `") {
            rows.push(Row { what: "xtask itself".to_owned(), seconds: began.elapsed().as_secs_f64() });
        }
        rows.extend(built(line));
    }
    rows
}

/// `Built the server (104 s)`
fn built(line: &str) -> Option<Row> {
    let (what, seconds) = line.strip_prefix("Built ")?.strip_suffix(" s)")?.rsplit_once(" (")?;
    Some(Row { what: what.to_owned(), seconds: seconds.parse().ok()? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may break")]

    use super::built;

    #[test]
    fn finds_what_was_built() {
        let row = built("Built the server (104 s)").unwrap();
        assert_eq!((row.what.as_str(), row.seconds), ("the server", 104.0));
        assert!(built("Building server 3/9; about 2 min left").is_none());
    }
}
