//! Building a recipe: `mmdebstrap` makes the files, `tar` streams them into the store.

use super::{RECIPE_LABEL, Recipe, digest};
use crate::image::{Defaults, Image, NewImage, Store};
use crate::{Error, Result};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

pub(super) const SCRIPT: &str = include_str!("build.sh");

/// No file of an image is newer, in seconds since the epoch (2026-01-01): the same packages give the same layer.
const SOURCE_DATE_EPOCH: &str = "1767225600";

/// Lines of a failed build's output that its error repeats.
const TAIL: usize = 15;

/// How far a build is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// What is being done now, in the words of the tool that does it.
    Step(String),
    Done,
}

/// Builds an image and puts it into the catalogue. Takes from seconds to minutes, and needs root and Debian's mirror.
///
/// # Errors
/// A tool is missing or failed: the message has the end of its output. Nothing of the build stays.
pub fn build(recipe: &Recipe, store: &Store, mut progress: impl FnMut(Progress)) -> Result<Image> {
    let scratch = store.scratch()?;
    let new = NewImage {
        names: recipe.references()?,
        config: config(recipe, digest::of(recipe)?),
        created: i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or_default(),
        created_by: format!("mmdebstrap {} {}", recipe.variant.name(), recipe.suite),
    };
    let cannot = |e: std::io::Error| Error::system(format!("The build of {} can't be started: {e}", recipe.name[0]));
    std::fs::write(scratch.path().join("remove"), remove(recipe)).map_err(cannot)?;
    std::fs::write(scratch.path().join("build.sh"), SCRIPT).map_err(cannot)?;
    let mut child = command(recipe, scratch.path())?.spawn().map_err(cannot)?;
    let (Some(archive), Some(messages)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Error::system("The build's output is not there."));
    };
    let output = Output { child, archive };

    let mut tail = VecDeque::new();
    let imported = std::thread::scope(|scope| {
        let import = scope.spawn(|| store.import(output, new));
        for line in BufReader::new(messages).split(b'\n').map_while(|line| line.ok()) {
            let line = String::from_utf8_lossy(&line).into_owned();
            // What is done says `I: …ing something...`; the rest of its lines are remarks.
            if let Some(step) = line.strip_prefix("I: ").and_then(|line| line.strip_suffix("...")) {
                progress(Progress::Step(step.to_owned()));
            }
            if tail.len() == TAIL {
                tail.pop_front();
            }
            tail.push_back(line);
        }
        import.join().unwrap_or_else(|_| Err(Error::system("The import broke down.")))
    });
    let image = imported.map_err(|e| {
        let tail = Vec::from(tail).join("\n");
        Error::system(format!(
            "The image {} could not be built. {e}\nThe end of the build's output:\n{tail}",
            recipe.name[0]
        ))
    })?;
    progress(Progress::Done);
    Ok(image)
}

/// The script in a mount and pid namespace of its own: whatever ends this thread or the build, ends all of it, and
/// leaves no mount.
fn command(recipe: &Recipe, scratch: &Path) -> Result<Command> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", "unshare", "--mount", "--pid", "--mount-proc", "--fork"]);
    command.args(["--kill-child=KILL", "--", "bash", "-euo", "pipefail"]).arg(scratch.join("build.sh"));
    command.args(["--mode=root", "--format=directory", "--skip=output/mknod"]);
    command.arg("--aptopt=Acquire::Retries \"3\"");
    command.arg(format!("--variant={}", recipe.variant.name()));
    command.args(recipe.packages.iter().map(|package| format!("--include={package}")));
    // In this order: of several that match a path, dpkg follows the last.
    command.args(recipe.exclude.iter().map(|path| format!("--dpkgopt=path-exclude={path}")));
    command.args(recipe.keep.iter().map(|path| format!("--dpkgopt=path-include={path}")));
    command.args(["--", &recipe.suite]);
    command.env("SCRATCH", scratch).env("SOURCE_DATE_EPOCH", SOURCE_DATE_EPOCH).env("LC_ALL", "C.UTF-8");
    command.env("FILES", recipe.files()?.unwrap_or_default()).env("SETUP", recipe.setup()?.unwrap_or_default());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// The patterns of `tar` for what the image does not have: what the recipe says, and what is the building machine's.
fn remove(recipe: &Recipe) -> String {
    let machine = ["/dev/*", "/etc/hostname", "/etc/resolv.conf"];
    let patterns = recipe.remove.iter().map(String::as_str).chain(machine);
    patterns.map(|pattern| format!(".{}\n", pattern.trim_end_matches('/'))).collect()
}

fn config(recipe: &Recipe, digest: String) -> Defaults {
    let mut labels = recipe.labels.clone();
    labels.insert(RECIPE_LABEL.to_owned(), digest);
    let words = |words: &[String]| Some(words.to_vec()).filter(|words| !words.is_empty());
    Defaults {
        env: Some(recipe.env.clone()),
        cmd: words(&recipe.cmd),
        entrypoint: words(&recipe.entrypoint),
        working_dir: recipe.working_dir.clone(),
        labels: Some(labels),
        ..Defaults::default()
    }
}

/// The archive that a build writes. It ends well only if the build did; dropping it ends the build.
struct Output {
    child: Child,
    archive: ChildStdout,
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.archive.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            let status = self.child.wait()?;
            if !status.success() {
                return Err(std::io::Error::other(format!("the build failed ({status})")));
            }
        }
        Ok(read)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // If it has ended already, there is nothing to do about either.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
