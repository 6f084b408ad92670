//! Which of a container's processes `ps` lists.

use super::arguments::failed;
use super::process::{Names, Process};
use crate::Result;

/// Those that any of the lists names; without a list, all.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// `-e` and its like: then lists add nothing.
    pub(super) everything: bool,
    /// `--deselect`: those that would not be listed otherwise.
    pub(super) inverted: bool,
    wanted: Vec<Wanted>,
}

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pid,
    Parent,
    Session,
    User,
    RealUser,
    Group,
    RealGroup,
    Terminal,
    Command,
}

#[derive(Debug)]
struct Wanted {
    kind: Kind,
    /// As the process has it.
    value: String,
}

impl Selection {
    /// Takes a list with commas. Errors, in the words of `ps`: a number that is none, a name that nobody has.
    pub(super) fn add(&mut self, kind: Kind, list: &str, names: &Names) -> Result<()> {
        for item in list.split(',').filter(|item| !item.is_empty()) {
            self.wanted.push(Wanted { kind, value: value(kind, item, names)? });
        }
        Ok(())
    }

    pub(super) fn has(&self, process: &Process) -> bool {
        let all = self.everything || self.wanted.is_empty();
        (all || self.wanted.iter().any(|wanted| wanted.is(process))) != self.inverted
    }
}

impl Wanted {
    fn is(&self, process: &Process) -> bool {
        let number = |number: i32| number.to_string() == self.value;
        match self.kind {
            Kind::Pid => number(process.pid),
            Kind::Parent => number(process.ppid),
            Kind::Session => number(process.sid),
            Kind::User => process.uid == self.value,
            Kind::RealUser => process.real_uid == self.value,
            Kind::Group => process.gid == self.value,
            Kind::RealGroup => process.real_gid == self.value,
            Kind::Terminal => process.tty == self.value,
            Kind::Command => process.name == self.value,
        }
    }
}

fn value(kind: Kind, item: &str, names: &Names) -> Result<String> {
    let is_number = item.bytes().all(|digit| digit.is_ascii_digit());
    let value = match kind {
        Kind::Pid | Kind::Parent | Kind::Session => {
            let number = item.parse::<i32>().map_err(|_| failed("error: process ID list syntax error"))?;
            number.to_string()
        }
        Kind::User | Kind::RealUser | Kind::Group | Kind::RealGroup if is_number => item.to_owned(),
        Kind::User | Kind::RealUser => {
            names.uid(item).ok_or_else(|| failed("error: user name does not exist"))?.to_string()
        }
        Kind::Group | Kind::RealGroup => {
            names.gid(item).ok_or_else(|| failed("error: group name does not exist"))?.to_string()
        }
        Kind::Terminal => match item.strip_prefix("/dev/").unwrap_or(item) {
            "-" => "?".to_owned(),
            terminal => terminal.to_owned(),
        },
        // The kernel keeps so much of it.
        Kind::Command => item.chars().take(15).collect(),
    };
    Ok(value)
}
