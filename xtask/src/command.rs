//! Starting other programs, and telling the user about it as cargo does.

use crate::progress;
use anyhow::{Context, Result, bail};
use std::env;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// One line for the user: a verb, and what it is about.
pub(crate) fn say(verb: &str, what: &str) {
    if std::io::stderr().is_terminal() {
        progress::print(&format!("\x1b[1;32m{verb:>12}\x1b[0m {what}"));
    } else {
        progress::print(&format!("{verb:>12} {what}"));
    }
}

/// Runs to the end, its output going where ours goes. An exit status other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start `{}`", show(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", show(command));
    }
    Ok(())
}

/// Runs to the end in silence; the error of one that fails has what it wrote.
pub(crate) fn quiet(command: &mut Command) -> Result<()> {
    output(command).map(drop)
}

/// Runs to the end and returns its stdout; the error of one that fails has what it wrote to stdout and stderr.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("could not start `{}`", show(command)))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}\n{stdout}{stderr}", show(command), output.status);
    }
    Ok(stdout)
}

/// Where `program` is in `PATH`, or in the directories that hold the administrator's programs.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

/// As one would type it, for messages.
pub(crate) fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
