//! How far a build of cargo's is.

use super::{Part, estimate, print};
use crate::command;
use anyhow::{Context, Result, bail};
use std::io::{BufReader, IsTerminal, Read, stderr};
use std::process::{Command, Stdio};

/// What cargo says of single crates and of itself: the count of crates stands for it.
const SINGLE: [&str; 5] = ["Compiling", "Downloaded", "Executable", "Finished", "Updating"];

/// One of the lines that cargo writes to stderr.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    /// So many of so many crates are compiled.
    Crates(u32, u32),
    /// So many are still to be fetched.
    Fetching(u32),
    /// What the user need not see.
    Nothing,
    /// A warning, an error, a lock that is waited for.
    Other(&'a str),
}

/// Runs a build. How far it is goes to `part`, warnings and errors go where ours do.
pub(crate) fn run(cargo: &mut Command, part: &Part) -> Result<()> {
    cargo.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "80").stderr(Stdio::piped());
    if stderr().is_terminal() {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = cargo.spawn().with_context(|| format!("could not start `{}`", command::show(cargo)))?;
    if let Some(output) = child.stderr.take() {
        lines(output, |line| match parse(line) {
            Line::Crates(done, all) => {
                let share = f64::from(done) / f64::from(all.max(1));
                part.set(&format!("{done}/{all}"), estimate::time_of_crates(share));
            }
            Line::Fetching(rest) => part.show(&format!("(fetching {rest} crates)")),
            Line::Nothing => {}
            Line::Other(line) => print(line),
        })?;
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` ended with {status}", command::show(cargo));
    }
    Ok(())
}

/// Calls with each line. Those of the progress end with a carriage return, as the next takes their place.
fn lines(output: impl Read, mut each: impl FnMut(&str)) -> Result<()> {
    let mut line = Vec::new();
    for byte in BufReader::new(output).bytes() {
        match byte? {
            b'\r' | b'\n' => {
                each(&String::from_utf8_lossy(&line));
                line.clear();
            }
            byte => line.push(byte),
        }
    }
    each(&String::from_utf8_lossy(&line));
    Ok(())
}

fn parse(line: &str) -> Line<'_> {
    let line = line.trim_end();
    let plain = without_colours(line);
    let Some((verb, rest)) = plain.trim_start().split_once(' ') else {
        return if plain.is_empty() { Line::Nothing } else { Line::Other(line) };
    };
    let crates = || {
        let (_, counts) = rest.split_once("] ")?;
        let (done, all) = counts.split_once(':')?.0.split_once('/')?;
        Some(Line::Crates(done.parse().ok()?, all.parse().ok()?))
    };
    let fetching = || Some(Line::Fetching(rest.split_once(" crate")?.0.parse().ok()?));
    match verb {
        "Building" => crates().unwrap_or(Line::Nothing),
        "Downloading" => fetching().unwrap_or(Line::Nothing),
        verb if SINGLE.contains(&verb) => Line::Nothing,
        _ => Line::Other(line),
    }
}

/// `\x1b[…m` and `\x1b[K` left out.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        plain.push_str(&part[end..]);
    }
    plain
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may break")]

    use super::{Line, lines, parse};

    #[test]
    fn reads_what_cargo_writes() {
        let bar = "    Building [=========>           ] 143/312: libc(build), syn…       ";
        assert_eq!(parse(bar), Line::Crates(143, 312));
        assert_eq!(parse("\x1b[K\x1b[1m\x1b[36m    Building\x1b[0m [==> ] 3/9: a"), Line::Crates(3, 9));
        assert_eq!(parse(" Downloading 12 crates, remaining bytes: 1.2MiB   "), Line::Fetching(12));
        assert_eq!(parse(" Downloading 0 crates, extracting libc ...   "), Line::Fetching(0));
        for silent in ["   Compiling libc v0.2.191", "  Downloaded libc v0.2.191", "    Finished `dev` profile", "  "] {
            assert_eq!(parse(silent), Line::Nothing, "{silent}");
        }
    }

    #[test]
    fn passes_on_what_people_must_see() {
        for line in ["error[E0425]: cannot find value", "    Blocking waiting for file lock", "  |"] {
            assert_eq!(parse(line), Line::Other(line));
        }
    }

    #[test]
    fn a_line_ends_where_the_next_takes_its_place() {
        let mut seen = Vec::new();
        lines(&b"a\rb\nc"[..], |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(seen, ["a", "b", "c"]);
    }
}
