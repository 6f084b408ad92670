//! The integration tests of the crate `bollard`, a client of Docker's API, against our engine.

mod engine;

use self::engine::Engine;
use super::count::Count;
use crate::command::{self, say};
use crate::tree;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = "0.21.1";

/// Of its test files those that are about what there is here: containers, exec, the system.
const FILES: [&str; 3] = ["container_test", "exec_test", "system_test"];

const SKIPPED: &str = include_str!("skipped.toml");

/// How long the tests may take, in seconds: some wait for a server as long as it takes.
const PATIENCE: &str = "300";

pub(super) fn test() -> Result<Count> {
    let tests = Tests { package: package()? };
    say("Building", &format!("the tests of bollard {VERSION} (about 2 min the first time)"));
    command::run(tests.cargo(&[]).args(["--quiet", "--no-run"]))?;
    let skipped: BTreeMap<String, String> = toml::from_str(SKIPPED)?;
    let known = command::output(tests.cargo(&[]).args(["--", "--list"]))?;
    super::build::everything()?;
    let engine = Engine::start()?;
    let mut run = tests.against(&engine);
    run.args(["--no-fail-fast", "--", "--test-threads", "1", "--exact"]);
    for name in skipped.keys() {
        run.args(["--skip", name]);
    }
    let mut count = super::run(run)?;
    for (name, reason) in &skipped {
        if !known.lines().any(|line| line.strip_suffix(": test") == Some(name)) {
            eprintln!("error: bollard {VERSION} has no test {name} (any more): remove it from skipped.toml");
            count.failed += 1;
        } else if command::quiet(tests.against(&engine).args(["--", "--exact", name])).is_ok() {
            eprintln!("error: {name} passes, though {reason}: remove it from skipped.toml");
            count.failed += 1;
        } else {
            println!("test {name} ... ignored: {reason}");
            count.ignored += 1;
        }
    }
    Ok(count)
}

/// The package's tests, with what builds and runs them.
struct Tests {
    package: PathBuf,
}

impl Tests {
    fn cargo(&self, wrapper: &[&str]) -> Command {
        let words = [wrapper, &["cargo", "test", "--locked", "--manifest-path"]].concat();
        let mut cargo = Command::new(words[0]);
        cargo.args(&words[1..]).arg(self.package.join("Cargo.toml"));
        for file in FILES {
            cargo.args(["--test", file]);
        }
        cargo.env("CARGO_TARGET_DIR", tree::target("bollard/build")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo
    }

    fn against(&self, engine: &Engine) -> Command {
        let mut cargo = self.cargo(&["timeout", PATIENCE]);
        cargo.env("DOCKER_HOST", format!("unix://{}", engine.socket().display())).env("DISABLE_REGISTRY", "1");
        cargo
    }
}

/// A copy of the package's sources, with the lock file that it was published with. Building in cargo's own copy would
/// write into it.
fn package() -> Result<PathBuf> {
    let package = tree::target(format!("bollard/bollard-{VERSION}"));
    if package.exists() {
        return Ok(package);
    }
    say("Fetching", &format!("bollard {VERSION} from crates.io"));
    let unfinished = tree::target("bollard/new");
    tree::remove(&unfinished)?;
    fs::create_dir_all(tree::target("bollard"))?;
    command::quiet(Command::new("cp").arg("--recursive").arg(published()?).arg(&unfinished))?;
    let manifest = unfinished.join("Cargo.toml");
    // Otherwise cargo takes it for a member of the workspace that it is below of.
    let text = fs::read_to_string(&manifest).context("bollard has no Cargo.toml")? + "\n[workspace]\n";
    fs::write(&manifest, text)?;
    fs::rename(&unfinished, &package).context("could not put bollard's sources into place")?;
    Ok(package)
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// Where cargo has unpacked the package.
fn published() -> Result<PathBuf> {
    let directory = tree::target("bollard/fetch");
    fs::create_dir_all(&directory)?;
    let manifest = directory.join("Cargo.toml");
    let text = format!(
        "package = {{ name = 'fetch', edition = '2024' }}\nlib.path = 'none.rs'\nworkspace = {{}}\n\
         dependencies.bollard = {{ version = '={VERSION}', default-features = false }}\n"
    );
    fs::write(&manifest, text)?;
    let mut metadata = Command::new("cargo");
    metadata.args(["metadata", "--quiet", "--format-version", "1", "--manifest-path"]).arg(&manifest);
    let metadata: Metadata = serde_json::from_str(&command::output(&mut metadata)?)?;
    let bollard = metadata.packages.iter().find(|package| package.name == "bollard");
    match bollard.and_then(|package| package.manifest_path.parent()) {
        Some(path) => Ok(Path::to_owned(path)),
        None => bail!("cargo did not say where bollard's sources are"),
    }
}
