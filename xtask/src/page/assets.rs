//! Puts the built page together.

use super::index::Index;
use super::{clear, stamp};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Starts the program: a file, because the page's content security policy allows no script inside the page.
const START: &str = "import init from './app.js';\n\nawait init();\n";

/// Makes `dist` of the frontend's `index.html`, the directories that it names, and the program in `program`.
///
/// `index.html` is replaced last, in one step: a server that runs meanwhile serves the old page or the new one.
pub(crate) fn assemble(frontend: &Path, program: &Path, dist: &Path) -> Result<()> {
    let new = dist.join("new");
    clear(&new)?;

    let html = fs::read_to_string(frontend.join("index.html")).context("could not read frontend/index.html")?;
    let index = Index::parse(&html)?;
    for directory in &index.directories {
        copy(&frontend.join(directory), &new.join(directory))?;
    }
    copy(program, &new)?;
    let script = fs::read_to_string(program.join("app.js")).context("wasm-bindgen made no app.js")?;
    fs::write(new.join("app.js"), index.resolve(&script))?;
    fs::write(new.join("start.js"), START)?;

    let name = name(&new)?;
    let assets = dist.join("assets").join(&name);
    fs::create_dir_all(dist.join("assets"))?;
    if assets.exists() {
        fs::remove_dir_all(&new)?;
    } else {
        fs::rename(&new, &assets).with_context(|| format!("could not put {} into place", assets.display()))?;
    }
    let written = dist.join("index.html.new");
    fs::write(&written, index.render(&format!("/assets/{name}")))?;
    fs::rename(&written, dist.join("index.html")).context("could not put index.html into place")?;
    clear_all_but(&dist.join("assets"), &name)
}

/// The name that a directory's content gives it.
fn name(directory: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    for file in files(directory)? {
        digest.update(file.strip_prefix(directory)?.as_os_str().as_encoded_bytes());
        digest.update([0]);
        let content = fs::read(&file)?;
        digest.update(content.len().to_le_bytes());
        digest.update(content);
    }
    Ok(stamp::hex(&digest.finalize())[..16].to_owned())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        if let Some(directory) = target.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::copy(&file, &target).with_context(|| format!("could not copy {}", file.display()))?;
    }
    Ok(())
}

/// All files below `directory`, in the order of their paths.
fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).with_context(|| format!("could not read {}", directory.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Removes what earlier builds left, except for `name`.
fn clear_all_but(assets: &Path, name: &str) -> Result<()> {
    for entry in fs::read_dir(assets)? {
        let entry = entry?;
        if entry.file_name() != name {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
