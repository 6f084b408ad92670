//! The arguments of `ps`, as far as they choose columns. Which processes are listed isn't theirs to say.

use super::columns::{Column, column, columns as of};
use crate::{Error, Result};

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

/// The columns that are asked for.
pub(super) fn columns(arguments: &str) -> Result<Vec<Column>> {
    let mut own: Vec<Column> = Vec::new();
    let (mut unix, mut bsd, mut format) = (false, false, None);
    let mut words = arguments.split_whitespace();
    while let Some(word) = words.next() {
        if word.starts_with("--") {
            return Err(failed("error: unknown gnu long option"));
        }
        let (letters, is_unix) = word.strip_prefix('-').map_or((word, false), |letters| (letters, true));
        // As `ps` itself: what can't be Unix letters is read as BSD's.
        let is_unix = is_unix && letters != "aux" && letters != "axu";
        for (at, letter) in letters.char_indices() {
            match letter {
                'e' | 'A' | 'd' if is_unix => unix = true,
                'a' | 'x' | 'g' | 'w' if !is_unix => bsd = true,
                'a' | 'w' => unix = true,
                'f' if is_unix => format = Some(FULL),
                'j' if is_unix => format = Some(JOBS),
                'u' if !is_unix => (bsd, format) = (true, Some(USERS)),
                'o' => {
                    let rest = letters.get(at + 1..).filter(|rest| !rest.is_empty());
                    let list = rest.or_else(|| words.next());
                    let list = list.ok_or_else(|| failed("error: format specification must follow -o"))?;
                    for name in list.split(',') {
                        own.push(column(name).ok_or_else(|| {
                            failed(&format!("error: unknown user-defined format specifier \"{name}\""))
                        })?);
                    }
                    break;
                }
                _ if is_unix => return Err(failed("error: unsupported SysV option")),
                _ => return Err(failed("error: unsupported option (BSD syntax)")),
            }
        }
    }
    let chosen = match (own.is_empty(), format) {
        (false, Some(_)) => return Err(failed("error: conflicting format options")),
        (false, None) => own,
        (true, Some(format)) => of(format),
        (true, None) if bsd && !unix => of(SHORT_BSD),
        (true, None) => of(SHORT),
    };
    if chosen.iter().all(|column| column.title != "PID") {
        return Err(Error::system("Couldn't find PID field in ps output"));
    }
    Ok(chosen)
}

const FULL: &[&str] = &["user=UID", "pid", "ppid", "c", "stime", "tname", "time", "args=CMD"];
const USERS: &[&str] =
    &["user", "pid", "%cpu", "%mem", "vsz", "rss", "tname", "stat", "stime=START", "bsdtime", "args=COMMAND"];
const JOBS: &[&str] = &["pid", "pgid", "sid", "tname", "time", "comm=CMD"];
const SHORT: &[&str] = &["pid", "tname", "time", "comm=CMD"];
const SHORT_BSD: &[&str] = &["pid", "tname", "stat", "bsdtime", "args=COMMAND"];

/// Docker gives what `ps` writes on its standard error, and this kind of error.
fn failed(why: &str) -> Error {
    Error::system(format!("ps: {why}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn titles(arguments: &str) -> Result<String> {
        check(arguments)?;
        Ok(columns(arguments)?.iter().map(|column| column.title.as_str()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn columns_are_those_of_ps() {
        for (arguments, expected) in [
            ("-ef", "UID PID PPID C STIME TTY TIME CMD"),
            ("aux", "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND"),
            ("-aux", "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND"),
            ("u", "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND"),
            ("-e", "PID TTY TIME CMD"),
            ("ax", "PID TTY STAT TIME COMMAND"),
            ("-ej", "PID PGID SID TTY TIME CMD"),
            ("-o pid,comm", "PID COMMAND"),
            ("-opid,comm", "PID COMMAND"),
            ("-eo pid,cmd", "PID CMD"),
            ("axo pid,comm", "PID COMMAND"),
            ("-o pid -o tty,start,etime", "PID TT STARTED ELAPSED"),
            ("-o pid,user=WHO", "PID WHO"),
        ] {
            assert_eq!(titles(arguments).unwrap(), expected, "{arguments}");
        }
    }

    #[test]
    fn what_ps_has_not_is_refused_in_its_words() {
        for (arguments, words) in [
            ("-o comm", "Couldn't find PID field in ps output"),
            ("-o foo", "ps: error: unknown user-defined format specifier \"foo\""),
            ("-o pid,user=PID", "specifying \"pid,user=PID\" is not allowed"),
            ("--nope", "ps: error: unknown gnu long option"),
            ("-e%", "ps: error: unsupported SysV option"),
            ("q1", "ps: error: unsupported option (BSD syntax)"),
            ("-ef -o pid", "ps: error: conflicting format options"),
        ] {
            assert_eq!(titles(arguments).unwrap_err().message, words, "{arguments}");
        }
    }
}
