//! The page's files from npm: `package.json` says which, `frontend/vendor` gets them.

use super::{clear, stamp};
use crate::command::say;
use crate::npm;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};

/// Installs the packages that `package-lock.json` names and copies the files that the page uses.
pub(crate) fn install(frontend: &Path) -> Result<()> {
    let package = read(&frontend.join("package.json"))?;
    let lock = read(&frontend.join("package-lock.json"))?;
    let digest = stamp::hex(&Sha256::new().chain_update(&package).chain_update(&lock).finalize());
    if stamp::is_current("vendor", &digest) && frontend.join("vendor").exists() {
        return Ok(());
    }
    say("Fetching", "the page's terminal and fonts from npm");
    npm::install(frontend)?;

    let vendor = frontend.join("vendor");
    clear(&vendor)?;
    for (to, from) in files(&package)? {
        let to = vendor.join(to);
        if let Some(directory) = to.parent() {
            fs::create_dir_all(directory)?;
        }
        let from = frontend.join("node_modules").join(from);
        fs::copy(&from, &to).with_context(|| format!("could not copy {}, which package.json names", from.display()))?;
    }
    stamp::write("vendor", &digest)
}

/// The table `lernhafen.vendor`: path below `vendor/` to path below `node_modules/`.
fn files(package: &str) -> Result<BTreeMap<String, String>> {
    let package: Value = serde_json::from_str(package).context("frontend/package.json is not JSON")?;
    let table = package["lernhafen"]["vendor"].clone();
    let files: BTreeMap<String, String> =
        serde_json::from_value(table).context("frontend/package.json has no table lernhafen.vendor of paths")?;
    let plain = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if let Some(path) = files.iter().flat_map(|(to, from)| [to, from]).find(|path| !plain(path)) {
        bail!("frontend/package.json names {path}, which does not stay where vendor files belong");
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may break")]

    use super::files;

    #[test]
    fn reads_the_table() {
        let files = files(r#"{"lernhafen":{"vendor":{"xterm.mjs":"@xterm/xterm/lib/xterm.mjs"}}}"#).unwrap();
        assert_eq!(files["xterm.mjs"], "@xterm/xterm/lib/xterm.mjs");
    }

    #[test]
    fn refuses_paths_that_lead_elsewhere() {
        let error = files(r#"{"lernhafen":{"vendor":{"a":"../../secret"}}}"#).unwrap_err();
        assert!(error.to_string().contains("../../secret"));
    }
}
