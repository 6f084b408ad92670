//! The arguments of `ps`.

use super::columns::{Column, column, columns as of};
use super::order::{self, Key};
use super::process::Names;
use super::select::{Kind, Selection};
use crate::{Error, Result};
use std::str::SplitWhitespace;

/// What `ps` is asked for.
pub(super) struct Arguments<'a> {
    pub(super) selection: Selection,
    pub(super) order: Vec<Key>,
    /// `--forest`
    pub(super) forest: bool,
    /// `--cumulative`: with the time of children that have ended.
    pub(super) cumulative: bool,
    /// Columns that an option like `-f` stands for.
    pub(super) format: Option<Vec<Column>>,
    pub(super) names: &'a Names,
    /// Columns one by one.
    own: Vec<Column>,
    bsd: bool,
    unix: bool,
    words: SplitWhitespace<'a>,
}

/// Refuses a column that passes for the one of the process ids, as Docker does.
pub(super) fn check(arguments: &str) -> Result<()> {
    for word in arguments.split_whitespace().skip(1) {
        if let Some((key, value)) = word.split_once('=')
            && value.starts_with("PID")
            && key != "pid"
        {
            return Err(Error::system(format!("specifying \"{key}={value}\" is not allowed")));
        }
    }
    Ok(())
}

impl<'a> Arguments<'a> {
    /// Errors are those of `ps`.
    pub(super) fn parse(arguments: &'a str, names: &'a Names) -> Result<Self> {
        let mut parsed = Self {
            selection: Selection::default(),
            order: Vec::new(),
            forest: false,
            cumulative: false,
            format: None,
            names,
            own: Vec::new(),
            bsd: false,
            unix: false,
            words: arguments.split_whitespace(),
        };
        while let Some(word) = parsed.words.next() {
            match (word.strip_prefix("--"), word.strip_prefix('-')) {
                (Some(option), _) => parsed.long(option)?,
                // As `ps` itself: what can't be Unix letters is read as BSD's.
                (_, Some(letters)) if letters != "aux" && letters != "axu" => parsed.unix(letters)?,
                (_, Some(letters)) => parsed.bsd(letters)?,
                (None, None) => parsed.bsd(word)?,
            }
        }
        Ok(parsed)
    }

    /// The columns that are asked for.
    pub(super) fn columns(&mut self) -> Result<Vec<Column>> {
        let chosen = match (self.own.is_empty(), self.format.take()) {
            (false, Some(_)) => return Err(failed("error: conflicting format options")),
            (false, None) => std::mem::take(&mut self.own),
            (true, Some(format)) => format,
            (true, None) if self.bsd && !self.unix => of(SHORT_BSD),
            (true, None) => of(SHORT),
        };
        if chosen.iter().all(|column| column.title != "PID") { Err(no_pid()) } else { Ok(chosen) }
    }

    /// What an option is given, in its own word or the next one.
    pub(super) fn value<'b>(&mut self, own: Option<&'b str>, missing: &str) -> Result<&'b str>
    where
        'a: 'b,
    {
        own.filter(|own| !own.is_empty())
            .or_else(|| self.words.next())
            .ok_or_else(|| failed(&format!("error: {missing}")))
    }

    pub(super) fn add_columns(&mut self, list: &str) -> Result<()> {
        for name in list.split(',') {
            let unknown = || failed(&format!("error: unknown user-defined format specifier \"{name}\""));
            self.own.push(column(name).ok_or_else(unknown)?);
        }
        Ok(())
    }

    fn unix(&mut self, letters: &str) -> Result<()> {
        for (at, letter) in letters.char_indices() {
            let rest = letters.get(at + letter.len_utf8()..);
            let (kind, missing) = match letter {
                'e' | 'A' | 'd' => {
                    (self.unix, self.selection.everything) = (true, true);
                    continue;
                }
                'a' | 'w' | 'H' => {
                    self.unix = true;
                    continue;
                }
                'N' => {
                    self.selection.inverted = true;
                    continue;
                }
                'f' => {
                    self.format = Some(of(FULL));
                    continue;
                }
                'j' => {
                    self.format = Some(of(JOBS));
                    continue;
                }
                'o' => {
                    let list = self.value(rest, "format specification must follow -o")?;
                    return self.add_columns(list);
                }
                'p' => (Kind::Pid, "list of process IDs must follow -p"),
                'q' => (Kind::Pid, "list of process IDs must follow -q"),
                's' => (Kind::Session, "list of session IDs must follow -s"),
                'u' => (Kind::User, "list of users must follow -u"),
                'U' => (Kind::RealUser, "list of real users must follow -U"),
                'G' => (Kind::RealGroup, "list of real groups must follow -G"),
                't' => (Kind::Terminal, "list of terminals (pty, tty...) must follow -t"),
                'C' => (Kind::Command, "list of command names must follow -C"),
                _ => return Err(failed("error: unsupported SysV option")),
            };
            self.unix = true;
            let list = self.value(rest, missing)?;
            return self.selection.add(kind, list, self.names);
        }
        Ok(())
    }

    fn bsd(&mut self, letters: &str) -> Result<()> {
        for (at, letter) in letters.char_indices() {
            let rest = letters.get(at + letter.len_utf8()..);
            self.bsd |= letter != 'o';
            let (kind, missing) = match letter {
                'a' | 'x' | 'g' => {
                    self.selection.everything = true;
                    continue;
                }
                'w' => continue,
                'f' => {
                    self.forest = true;
                    continue;
                }
                'S' => {
                    self.cumulative = true;
                    continue;
                }
                'u' => {
                    self.format = Some(of(USERS));
                    continue;
                }
                'h' => return Err(no_pid()),
                'o' => {
                    let list = self.value(rest, "format specification must follow -o")?;
                    return self.add_columns(list);
                }
                'k' => {
                    let list = self.value(rest, "long sort specification must follow 'k'")?;
                    self.order = order::keys(list)?;
                    return Ok(());
                }
                'p' => (Kind::Pid, "list of process IDs must follow p"),
                'q' => (Kind::Pid, "list of process IDs must follow q"),
                'U' => (Kind::User, "list of users must follow U"),
                't' => (Kind::Terminal, "list of terminals (pty, tty...) must follow t"),
                _ => return Err(failed("error: unsupported option (BSD syntax)")),
            };
            let list = self.value(rest, missing)?;
            return self.selection.add(kind, list, self.names);
        }
        Ok(())
    }
}

const FULL: &[&str] = &["user=UID", "pid", "ppid", "c", "stime", "tname", "time", "args=CMD"];
const USERS: &[&str] =
    &["user", "pid", "%cpu", "%mem", "vsz", "rss", "tname", "stat", "stime=START", "bsdtime", "args=COMMAND"];
const JOBS: &[&str] = &["pid", "pgid", "sid", "tname", "time", "comm=CMD"];
const SHORT: &[&str] = &["pid", "tname", "time", "comm=CMD"];
const SHORT_BSD: &[&str] = &["pid", "tname", "stat", "bsdtime", "args=COMMAND"];

/// Docker gives what `ps` writes on its standard error, and this kind of error.
pub(super) fn failed(why: &str) -> Error {
    Error::system(format!("ps: {why}"))
}

/// Docker looks for the processes of the container by that column.
pub(super) fn no_pid() -> Error {
    Error::system("Couldn't find PID field in ps output")
}

#[cfg(test)]
mod tests;
