//! Packages from npm, as a lock file names them, and how far fetching them is.

use crate::{command, progress};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What it usually adds to the whole, in seconds.
const USUAL: f64 = 3.0;

/// Fetches what `package-lock.json` in a directory names into its `node_modules`.
pub(crate) fn install(directory: &Path) -> Result<()> {
    let path = directory.join("package-lock.json");
    let lock = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let all = lock.lines().filter(|line| line.trim_start().starts_with("\"node_modules/")).count().max(1);
    let part = progress::expect("npm", USUAL);
    part.begin();

    let mut npm = Command::new("npm");
    npm.current_dir(directory).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "http"]);
    let mut child = npm
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start `{}`", command::show(&npm)))?;
    let (mut fetched, mut said) = (0, Vec::new());
    if let Some(output) = child.stderr.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            if line.starts_with("npm http ") {
                // Beside its archive, a package may have a description that is fetched.
                fetched = (fetched + usize::from(line.contains(".tgz"))).min(all);
                part.set(&format!("{fetched}/{all}"), fetched as f64 / all as f64);
            } else {
                said.push(line);
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` ended with {status}\n{}", command::show(&npm), said.join("\n"));
    }
    Ok(())
}
