//! Debian's packages: installing them on this machine, and how far that is.

use crate::{command, progress};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Lines of a failed installation that its error repeats.
const TAIL: usize = 20;

/// Installs packages, which usually takes so many seconds.
pub(crate) fn install(packages: &[&str], seconds: u32) -> Result<()> {
    let part = progress::expect("Debian's packages", f64::from(seconds));
    part.begin();
    command::quiet(apt().arg("update")).context("could not read Debian's package lists")?;
    let mut install = apt();
    install.args(["-o", "APT::Status-Fd=1", "install", "--yes", "--no-install-recommends"]).args(packages);
    let mut child = install.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("could not start apt-get")?;
    let mut said = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            match share(&line) {
                Some(share) => part.set(&format!("{:.0} %", share * 100.0), share),
                None => said.push(line),
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        let tail = said[said.len().saturating_sub(TAIL)..].join("\n");
        bail!("`{}` ended with {status}\n{tail}", command::show(&install));
    }
    Ok(())
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
    apt
}

/// How much of all is done by a line that apt writes for programs: `dlstatus:1:20.0:Retrieving file 1 of 5` while it
/// fetches, `pmstatus:npm:40.0:Unpacking npm` while it installs. Both count to 100.
fn share(line: &str) -> Option<f64> {
    let mut words = line.split(':');
    let half = match words.next()? {
        "dlstatus" => 0.0,
        "pmstatus" => 0.5,
        _ => return None,
    };
    // A package's name may have its architecture behind a colon.
    let percent = words.skip(1).find_map(|word| word.parse::<f64>().ok().filter(|_| word.contains('.')))?;
    Some(half + percent.clamp(0.0, 100.0) / 200.0)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn reads_how_far_apt_is() {
        assert_eq!(share("dlstatus:1:20.0:Retrieving file 1 of 5 (12s remaining)"), Some(0.1));
        assert_eq!(share("pmstatus:libc6:amd64:40.5:Unpacking libc6:amd64 (amd64)"), Some(0.7025));
        assert_eq!(share("pmstatus:npm:100.0000:Installed npm (all)"), Some(1.0));
        assert_eq!(share("Setting up npm (9.2.0~ds1-1) ..."), None);
    }
}
