//! Building a recipe: a script makes the files, which become a layer.

use super::version::{self, Version};
use super::{Base, RECIPE_LABEL, Recipe, digest};
use crate::store::unfinished::Unfinished;
use crate::store::{Defaults, Image, NewImage, Pack, Store};
use crate::{Error, Result};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

/// What all builds have in common, and what makes the files: of packages alone, and on top of another image.
pub(super) const SCRIPTS: [&str; 3] =
    [include_str!("common.sh"), include_str!("packages.sh"), include_str!("layer.sh")];

/// No file of an image is newer, in seconds since the epoch (2026-01-01): the same packages give the same layer.
const SOURCE_DATE_EPOCH: &str = "1767225600";

/// What is the building machine's, or tells of the building: no image has it.
const LEFTOVERS: [&str; 17] = [
    "/dev/*",
    "/etc/*-",
    "/etc/.pwd.lock",
    "/etc/hostname",
    "/etc/machine-id",
    "/etc/resolv.conf",
    "/var/cache/apt/*.bin",
    "/var/cache/apt/archives/*",
    "/var/cache/debconf/*-old",
    "/var/cache/ldconfig/aux-cache",
    "/var/lib/apt/lists/*",
    "/var/lib/dbus/machine-id",
    "/var/lib/dpkg/*-old",
    "/var/log/alternatives.log",
    "/var/log/apt/*",
    "/var/log/bootstrap.log",
    "/var/log/dpkg.log",
];

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
/// Its base or a tool is missing, or something failed: the message has the end of its output. Nothing of the build stays.
pub fn build(recipe: &Recipe, store: &Store, mut progress: impl FnMut(Progress)) -> Result<Image> {
    let failed = |e: Error| Error { message: format!("The image {} could not be built. {e}", recipe.name[0]), ..e };
    let base = recipe.base_image(store).map_err(failed)?;
    let recipe_digest = digest::of(recipe, base.as_ref())?;
    let scratch = store.scratch()?;
    let command = command(recipe, store, base.as_ref(), &scratch)?;
    run(command, &mut progress).map_err(failed)?;

    let cannot = |e: std::io::Error| failed(Error::system(e.to_string()));
    let version = match &recipe.version {
        Some(_) => {
            let text = std::fs::read_to_string(scratch.path().join("version")).map_err(cannot)?;
            Some(Version::parse(&text).map_err(failed)?)
        }
        None => None,
    };
    let mut labels = version::labels(recipe, version.as_ref())?;
    labels.insert(RECIPE_LABEL.to_owned(), recipe_digest);
    let new = NewImage {
        names: version::names(recipe, version.as_ref())?,
        config: Defaults { labels: Some(labels), ..config(recipe, base.as_ref(), version.as_ref()) },
        created: i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or_default(),
        created_by: created_by(recipe)?,
        base,
    };
    let files = std::fs::File::open(scratch.path().join("upper")).map_err(cannot)?;
    let pack = Pack::new(&OwnedFd::from(files), 0).map_err(cannot)?;
    let image = store.import(pack, new).map_err(failed)?;
    store.forget_replaced(&image)?;
    progress(Progress::Done);
    Ok(image)
}

/// The script in a mount and pid namespace of its own: whatever ends this thread or the build, ends all of it, and
/// leaves no mount.
fn command(recipe: &Recipe, store: &Store, base: Option<&Image>, scratch: &Unfinished) -> Result<Command> {
    let cannot = |e: std::io::Error| Error::system(format!("The build of {} can't be started: {e}", recipe.name[0]));
    let [common, packages, layer] = SCRIPTS;
    let script = if matches!(recipe.base()?, Base::Packages { .. }) { packages } else { layer };
    std::fs::write(scratch.path().join("remove"), remove(recipe)).map_err(cannot)?;
    std::fs::write(scratch.path().join("build.sh"), [common, script].concat()).map_err(cannot)?;
    // What the image's root is like is part of it.
    let upper = scratch.path().join("upper");
    std::fs::create_dir(&upper).map_err(cannot)?;

    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", "unshare", "--mount", "--pid", "--mount-proc", "--fork"]);
    command.args(["--kill-child=KILL", "--", "bash", "-euo", "pipefail"]).arg(scratch.path().join("build.sh"));
    // In this order: of several that match a path, dpkg follows the last.
    let excluded = recipe.exclude.iter().map(|path| format!("path-exclude={path}"));
    let paths = excluded.chain(recipe.keep.iter().map(|path| format!("path-include={path}")));
    if let Base::Packages { suite, variant } = recipe.base()? {
        command.args(["--mode=root", "--format=directory", "--skip=output/mknod"]);
        command.arg("--aptopt=Acquire::Retries \"3\"");
        command.arg(format!("--variant={}", variant.name()));
        command.args(recipe.packages.iter().map(|package| format!("--include={package}")));
        command.args(paths.map(|path| format!("--dpkgopt={path}"))).args(["--", suite]);
    } else {
        command.args(paths.map(|path| format!("--option=DPkg::Options::=--{path}"))).args(&recipe.packages);
    }
    command.current_dir(&store.layers).env("LOWER", lower(store, base));
    command.env("SCRATCH", scratch.path()).env("SOURCE_DATE_EPOCH", SOURCE_DATE_EPOCH).env("LC_ALL", "C.UTF-8");
    command.env("VERSION_OF", recipe.version.as_deref().unwrap_or_default());
    for (name, path) in [("PREPARE", recipe.prepare()?), ("FILES", recipe.files()?), ("SETUP", recipe.setup()?)] {
        command.env(name, path.unwrap_or_default());
    }
    Ok(command)
}

/// The base's layers as overlayfs is told them: names in their directory, which have neither colons nor commas.
fn lower(store: &Store, base: Option<&Image>) -> OsString {
    let layers = base.map(|base| store.layers(base)).unwrap_or_default();
    let names: Vec<&std::ffi::OsStr> = layers.iter().filter_map(|layer| layer.file_name()).collect();
    names.join(std::ffi::OsStr::new(":"))
}

fn run(mut command: Command, progress: &mut impl FnMut(Progress)) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| Error::system(format!("setpriv can't be run: {e}")))?;
    let mut tail = VecDeque::new();
    if let Some(messages) = child.stderr.take() {
        for line in BufReader::new(messages).split(b'\n').map_while(std::result::Result::ok) {
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
    }
    let status = child.wait().map_err(|e| Error::system(format!("The build is lost: {e}")))?;
    if status.success() {
        return Ok(());
    }
    let tail = Vec::from(tail).join("\n");
    Err(Error::system(format!("The build failed ({status}). The end of its output:\n{tail}")))
}

/// What the image does not have: what the recipe says, and what no image has.
fn remove(recipe: &Recipe) -> String {
    let patterns = recipe.remove.iter().map(String::as_str).chain(LEFTOVERS);
    patterns.map(|pattern| format!("{}\n", pattern.trim_end_matches('/'))).collect()
}

/// In the history: a command of the kind that a Dockerfile has.
fn created_by(recipe: &Recipe) -> Result<String> {
    let packages = recipe.packages.join(" ");
    Ok(match recipe.base()? {
        Base::Packages { suite, variant } => format!("mmdebstrap {} {suite}", variant.name()),
        Base::Image(_) if !packages.is_empty() => format!("apt-get install {packages}"),
        Base::Image(_) | Base::Scratch => format!("lernhafen images build {}", recipe.title()),
    })
}

/// What the recipe says, on what the base says.
fn config(recipe: &Recipe, base: Option<&Image>, version: Option<&Version>) -> Defaults {
    let mut config = base.map(|base| base.config.config.clone()).unwrap_or_default();
    let mut env = config.env.take().unwrap_or_default();
    for variable in &recipe.env {
        let variable = variable.replace("{version}", version.map_or("", Version::upstream));
        let (name, _) = variable.split_once('=').unwrap_or((&variable, ""));
        match env.iter_mut().find(|old| old.split('=').next() == Some(name)) {
            Some(old) => *old = variable,
            None => env.push(variable),
        }
    }
    config.env = Some(env);
    let words = |words: &[String]| Some(words.to_vec()).filter(|words| !words.is_empty());
    // As in a Dockerfile: a new entrypoint doesn't take the arguments of another.
    if let Some(entrypoint) = words(&recipe.entrypoint) {
        (config.entrypoint, config.cmd) = (Some(entrypoint), None);
    }
    config.cmd = words(&recipe.cmd).or(config.cmd);
    let text = |own: &String, inherited: String| if own.is_empty() { inherited } else { own.clone() };
    config.working_dir = text(&recipe.working_dir, config.working_dir);
    config.user = text(&recipe.user, config.user);
    config.stop_signal = recipe.stop_signal.clone().or(config.stop_signal);
    config.exposed_ports.extend(recipe.expose.iter().map(|port| (port.clone(), crate::store::Empty {})));
    if !recipe.volumes.is_empty() {
        let volumes = recipe.volumes.iter().map(|volume| (volume.clone(), crate::store::Empty {}));
        config.volumes.get_or_insert_default().extend(volumes);
    }
    config
}

#[cfg(test)]
mod tests;
