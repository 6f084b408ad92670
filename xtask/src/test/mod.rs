//! `cargo xtask test`: everything that can be tested, from a fresh clone.
//!
//! The last line says how many tests passed and failed, the tests of all parts together.

mod bollard;
mod browser;
mod build;
mod count;
mod docker;
mod vm;

use self::count::Count;
use crate::build::{Profile, program, with_page};
use crate::command::say;
use crate::{command, machine, oracle, tree};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this part
    #[arg(long, value_parser = PARTS.map(|part| part.name))]
    only: Option<String>,
}

/// A part of the tests.
struct Part {
    name: &'static str,
    what: &'static str,
    /// Needs the server, its page and the base images.
    is_whole: bool,
    /// Only if it is asked for by its name.
    is_extra: bool,
    /// Keeps one processor busy and no more: runs beside others of that kind.
    takes_one: bool,
    run: fn() -> Result<Count>,
}

const PARTS: [Part; 6] = [
    Part {
        name: "rust",
        what: "everything in Rust: units, the engine with real namespaces, the programs",
        is_whole: true,
        is_extra: false,
        takes_one: false,
        run: || run(rust()?),
    },
    Part {
        name: "browser",
        what: "the page in a browser",
        is_whole: true,
        is_extra: false,
        takes_one: false,
        run: || run(browser::command()?),
    },
    Part {
        name: "catalogue",
        what: "every image of the catalogue; building the large ones takes minutes and 200 MB of downloads",
        is_whole: true,
        is_extra: true,
        takes_one: false,
        run: || run(catalogue()?),
    },
    Part {
        name: "bollard",
        what: "the tests of another client of Docker's API, the crate bollard",
        is_whole: false,
        is_extra: false,
        takes_one: false,
        run: bollard::test,
    },
    Part {
        name: "vm-oldest",
        what: "the runtime and limits with cgroup version 2, under the oldest kernel",
        is_whole: false,
        is_extra: false,
        takes_one: true,
        run: || vm::test("bookworm"),
    },
    Part {
        name: "vm-newer",
        what: "the runtime and limits with cgroup version 2, under a newer kernel",
        is_whole: false,
        is_extra: false,
        takes_one: true,
        run: || vm::test("trixie"),
    },
];

pub(crate) fn test(options: &Options) -> Result<()> {
    machine::ensure(machine::FOR_RUN.iter().chain(machine::FOR_TEST))?;
    if !machine::is_root() {
        bail!("the tests make namespaces and cgroups. Run: sudo --preserve-env=PATH cargo xtask test");
    }
    let mut total = Count::default();
    let is_wanted = |part: &Part| options.only.as_ref().map_or(!part.is_extra, |only| only == part.name);
    let parts: Vec<Part> = PARTS.into_iter().filter(is_wanted).collect();
    if parts.iter().any(|part| part.is_whole)
        && let Err(error) = with_page(Profile::Quick, prepare)
    {
        eprintln!("error: {error:#}");
        total.failed += 1;
    }
    for beside in parts.chunk_by(|one, next| one.takes_one && next.takes_one) {
        thread::scope(|scope| {
            let running: Vec<_> = beside.iter().map(|part| scope.spawn(|| part.test())).collect();
            for part in running {
                total += part.join().unwrap_or(FAILED);
            }
        });
    }
    if total.ignored > 0 {
        say("Note", &format!("{} tests are marked as ignored and were not run", total.ignored));
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 { std::process::exit(1) } else { Ok(()) }
}

/// What a part counts as that broke off.
const FAILED: Count = Count { passed: 0, failed: 1, ignored: 0 };

impl Part {
    fn test(&self) -> Count {
        say("Testing", self.what);
        let count = (self.run)().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            FAILED
        });
        say("Tested", &format!("{}: {count}", self.what));
        count
    }
}

/// The server as the tests use it, and the base images in a store of their own.
fn prepare() -> Result<()> {
    build::everything()?;
    build_images(&tree::target("test-data"), &["workstation", "debian", "busybox"])
}

/// Builds what is not there yet of these images, or of all if none is named.
fn build_images(data: &Path, only: &[&str]) -> Result<()> {
    let mut images = Command::new(server());
    images.current_dir(tree::root()).args(["images", "build", "--missing", "--data-dir"]).arg(data);
    command::run(images.args(only.iter().flat_map(|name| ["--only", name])))
}

/// A store of its own for the catalogue, as tests count the images that a host finds. It begins with the base images.
fn catalogue_data() -> Result<PathBuf> {
    let data = tree::target("test-catalogue");
    if !data.exists() {
        let unfinished = tree::target("test-catalogue.new");
        command::run(Command::new("rm").arg("-rf").arg(&unfinished))?;
        command::run(Command::new("cp").arg("-a").arg(tree::target("test-data")).arg(&unfinished))?;
        fs::rename(unfinished, &data)?;
    }
    Ok(data)
}

fn server() -> PathBuf {
    program(Profile::Quick)
}

fn rust() -> Result<Command> {
    let catalogue = catalogue_data()?;
    build_images(&catalogue, &["hello-world", "nginx", "redis"])?;
    let mut command = build::cargo_test();
    command.env("LERNHAFEN_TEST_CATALOGUE", catalogue);
    command.arg("--no-fail-fast").env("LERNHAFEN_DOCKER", docker::ensure()?);
    command.env("LERNHAFEN_ORACLE", oracle::ensure()?);
    set_data(&mut command)?;
    Ok(command)
}

/// All images of the catalogue. Too slow for every run: the small ones are tested with everything else.
fn catalogue() -> Result<Command> {
    let data = catalogue_data()?;
    build_images(&data, &[])?;
    let mut command = build::cargo_test();
    command.args(["--test", "catalogue", "--", "--include-ignored"]);
    command.env("LERNHAFEN_DOCKER", docker::ensure()?).env("LERNHAFEN_TEST_CATALOGUE", data);
    set_data(&mut command)?;
    Ok(command)
}

/// Says where the base images are, and that what is made of them is to be made on the same file system: tests take
/// their layers as hard links.
fn set_data(command: &mut Command) -> Result<()> {
    let data = tree::target("test-data");
    let scratch = tree::target("tmp");
    fs::create_dir_all(&scratch)?;
    // Only if there is no other way: paths of sockets must be short.
    if fs::metadata(env::temp_dir())?.dev() != fs::metadata(&scratch)?.dev() {
        command.env("TMPDIR", scratch);
    }
    command.env("LERNHAFEN_TEST_DATA", data);
    Ok(())
}

/// What to look for in what a command writes.
#[derive(Clone, Copy, Default)]
struct Watch<'a> {
    /// A line without which it has ended too early.
    last: Option<&'a str>,
    /// Part of a line that says that it will never end.
    hang: Option<&'a str>,
    /// What each line is shown with, so that lines of those that run side by side are told apart.
    label: &'a str,
}

/// Shows what a command writes, and counts. One that runs no test, or fails without having counted a failure, has failed.
fn run(mut command: Command) -> Result<Count> {
    watch(&mut command, Watch::default()).map(Option::unwrap_or_default)
}

/// As [`run`]; `None` if it hung, and was killed.
fn watch(command: &mut Command, Watch { last, hang, label }: Watch<'_>) -> Result<Option<Count>> {
    let mut is_last_said = last.is_none();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start {:?}", command.get_program()))?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{label}{line}");
            if hang.is_some_and(|hang| line.contains(hang)) {
                // Not by force: `timeout` is to pass it on.
                command::quiet(Command::new("kill").arg(child.id().to_string()))?;
                child.wait()?;
                return Ok(None);
            }
            count += Count::of(&line);
            is_last_said |= last == Some(line.trim_end());
        }
    }
    let status = child.wait()?;
    if !is_last_said {
        eprintln!("error: {:?} ended before its tests had ({status})", command.get_program());
        count.failed += 1;
    }
    if count.passed + count.failed == 0 {
        bail!("no test was run ({status})");
    }
    if !status.success() && count.failed == 0 {
        eprintln!("error: the tests that ran passed, but {:?} ended with {status}", command.get_program());
        count.failed += 1;
    }
    Ok(Some(count))
}
