//! The base images, made by the server's program.

use crate::command::say;
use crate::progress::{self, Part};
use crate::{command, tree};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How many steps the builder reports of an image, about.
const STEPS: usize = 6;

/// Builds those of these images (named as their recipes are) that the store does not have yet. `options` are the
/// program's own.
pub(crate) fn build<T: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    names: &[&str],
    options: impl IntoIterator<Item = T>,
    part: Part,
) -> Result<()> {
    let mut images = Command::new(program);
    images.current_dir(tree::root()).args(["images", "build", "--missing", "--only", &names.join(",")]).args(options);
    let mut child = images
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start `{}`", command::show(&images)))?;
    part.begin();
    let start = Instant::now();
    let (mut there, mut built, mut steps) = (0, 0, 0);
    if let Some(output) = child.stderr.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            let said = read(&line, names);
            match said {
                Said::IsThere => there += 1,
                Said::Built => built += 1,
                Said::Step => steps += 1,
                Said::Other => {}
            }
            if matches!(said, Said::Built | Said::Other) {
                progress::print(&line);
            }
            let done = there + built;
            let share = (steps as f64 / (names.len() * STEPS) as f64).max(done as f64 / names.len() as f64);
            part.set(&format!("{done}/{}", names.len()), share.min(1.0));
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` ended with {status}", command::show(&images));
    }
    if built > 0 {
        say("Built", &format!("the images ({} s)", start.elapsed().as_secs()));
    }
    Ok(())
}

/// A line of the builder's.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// An image was there already.
    IsThere,
    Built,
    /// What is done now to make an image.
    Step,
    /// What went wrong.
    Other,
}

/// `debian:latest: installing packages`, for one.
fn read(line: &str, names: &[&str]) -> Said {
    let image = |(image, said): (&str, _)| {
        let name = image.rsplit('/').next()?.split(':').next()?;
        names.contains(&name).then_some(said)
    };
    match line.split_once(": ").and_then(image) {
        Some("is there") => Said::IsThere,
        Some("failed") | None => Said::Other,
        Some(said) if said.starts_with("built in ") => Said::Built,
        Some(_) => Said::Step,
    }
}

#[cfg(test)]
mod tests {
    use super::{Said, read};

    #[test]
    fn tells_steps_from_what_went_wrong() {
        let read = |line| read(line, &["workstation", "debian"]);
        assert_eq!(read("lernhafen/workstation:latest: installing packages"), Said::Step);
        assert_eq!(read("debian:latest: is there"), Said::IsThere);
        assert_eq!(read("debian:latest: built in 31 s, 94.1 MB of 94.1 MB"), Said::Built);
        assert_eq!(read("debian:latest: failed"), Said::Other);
        assert_eq!(read("error: The image debian:latest could not be built."), Said::Other);
        assert_eq!(read("E: no space left"), Said::Other);
    }
}
