//! The long options of `ps`.

use super::arguments::{Arguments, failed};
use super::select::Kind;
use super::{columns, order};
use crate::{Error, ErrorKind, Result};

/// Lists by their options, and what `ps` says where the list is missing.
const LISTS: [(&str, Kind, &str); 9] = [
    ("pid", Kind::Pid, "list of process IDs must follow --pid"),
    ("quick-pid", Kind::Pid, "list of process IDs must follow --quick-pid"),
    ("ppid", Kind::Parent, "list of process IDs must follow --ppid"),
    ("sid", Kind::Session, "some sid thing(s) must follow --sid"),
    ("user", Kind::User, "list of effective users must follow --user"),
    ("User", Kind::RealUser, "list of real users must follow --User"),
    ("group", Kind::Group, "list of effective groups must follow --group"),
    ("Group", Kind::RealGroup, "list of real groups must follow --Group"),
    ("tty", Kind::Terminal, "list of terminals must follow --tty"),
];

const CONTEXT: &[&str] = &["pid", "label=CONTEXT", "args=COMMAND"];

impl Arguments<'_> {
    /// `name` or `name=value`, without the dashes. Errors are those of `ps`.
    pub(super) fn long(&mut self, option: &str) -> Result<()> {
        let (name, given) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        if let Some((_, kind, missing)) = LISTS.iter().find(|(known, ..)| *known == name) {
            let list = self.value(given, missing)?;
            return self.selection.add(*kind, list, self.names);
        }
        match name {
            "sort" => {
                let list = self.value(given, "long sort specification must follow --sort")?;
                self.order = order::keys(list)?;
                return Ok(());
            }
            "format" => {
                let list = self.value(given, "format specification must follow --format")?;
                return self.add_columns(list);
            }
            // Pages have no end here.
            "rows" | "lines" => return self.value(given, "number of rows must follow --rows or --lines").map(drop),
            "cols" | "columns" | "width" => {
                self.value(given, "number of columns must follow --cols, --width, or --columns")?;
                return Err(Error::new(
                    ErrorKind::NotImplemented,
                    format!("ps: --{name} is not there: lines of `docker top` are never cut in Lernhafen"),
                ));
            }
            _ => {}
        }
        match name {
            "forest" => self.forest = true,
            "cumulative" => self.cumulative = true,
            "deselect" => self.selection.inverted = true,
            "context" => self.format = Some(columns::columns(CONTEXT)),
            // There is one page, and no column of signals.
            "header" | "headers" | "heading" | "headings" | "signames" => {}
            "no-header" | "no-headers" | "no-heading" | "no-headings" | "noheader" | "noheaders" | "noheading"
            | "noheadings" | "info" | "version" | "help" => return Err(super::arguments::no_pid()),
            _ => return Err(failed("error: unknown gnu long option")),
        }
        match given {
            Some(_) => Err(failed(&format!("error: option --{name} does not take an argument"))),
            None => Ok(()),
        }
    }
}
