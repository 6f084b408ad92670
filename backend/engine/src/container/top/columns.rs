//! The columns of `ps`.

use super::process::Process;
use jiff::Timestamp;

/// A column with its title.
pub(super) struct Column {
    pub(super) title: String,
    pub(super) value: fn(&Process) -> String,
}

/// Name, title, value.
type Known = (&'static str, &'static str, fn(&Process) -> String);

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    ("pid", "PID", |it| it.pid.to_string()),
    ("ppid", "PPID", |it| it.ppid.to_string()),
    ("pgid", "PGID", |it| it.pgid.to_string()),
    ("pgrp", "PGRP", |it| it.pgid.to_string()),
    ("sid", "SID", |it| it.sid.to_string()),
    ("sess", "SESS", |it| it.sid.to_string()),
    ("user", "USER", |it| it.user.clone()),
    ("euser", "EUSER", |it| it.user.clone()),
    ("uid", "UID", |it| it.uid.clone()),
    ("euid", "EUID", |it| it.uid.clone()),
    ("group", "GROUP", |it| it.group.clone()),
    ("egroup", "EGROUP", |it| it.group.clone()),
    ("gid", "GID", |it| it.gid.clone()),
    ("egid", "EGID", |it| it.gid.clone()),
    ("comm", "COMMAND", Process::comm),
    ("ucmd", "CMD", Process::comm),
    ("ucomm", "COMMAND", Process::comm),
    ("args", "COMMAND", Process::args),
    ("command", "COMMAND", Process::args),
    ("cmd", "CMD", Process::args),
    ("label", "LABEL", |_| "-".to_owned()),
    ("context", "CONTEXT", |_| "-".to_owned()),
    ("c", "C", |it| format!("{:.0}", it.cpu_percent().floor().min(99.0))),
    ("%cpu", "%CPU", |it| format!("{:.1}", it.cpu_percent())),
    ("pcpu", "%CPU", |it| format!("{:.1}", it.cpu_percent())),
    ("%mem", "%MEM", |it| format!("{:.1}", it.memory_percent())),
    ("pmem", "%MEM", |it| format!("{:.1}", it.memory_percent())),
    ("vsz", "VSZ", |it| it.vsz.to_string()),
    ("vsize", "VSZ", |it| it.vsz.to_string()),
    ("rss", "RSS", |it| it.rss.to_string()),
    ("rssize", "RSS", |it| it.rss.to_string()),
    ("rsz", "RSZ", |it| it.rss.to_string()),
    ("tname", "TTY", |it| it.tty.clone()),
    ("tty", "TT", |it| it.tty.clone()),
    ("tt", "TT", |it| it.tty.clone()),
    ("stat", "STAT", |it| it.stat.clone()),
    ("state", "S", |it| it.stat.chars().take(1).collect()),
    ("s", "S", |it| it.stat.chars().take(1).collect()),
    ("stime", "STIME", |it| begun(it.started, it.now)),
    ("start_time", "START", |it| begun(it.started, it.now)),
    ("start", "STARTED", |it| at(it.started, "%H:%M:%S")),
    ("lstart", "STARTED", |it| at(it.started, "%a %b %e %H:%M:%S %Y")),
    ("etime", "ELAPSED", |it| elapsed(it.now - it.started)),
    ("etimes", "ELAPSED", |it| (it.now - it.started).max(0).to_string()),
    ("time", "TIME", |it| cumulative(it.cpu_seconds())),
    ("cputime", "TIME", |it| cumulative(it.cpu_seconds())),
    ("bsdtime", "TIME", |it| format!("{}:{:02}", it.cpu_seconds() / 60, it.cpu_seconds() % 60)),
    ("nlwp", "NLWP", |it| it.threads.to_string()),
    ("thcount", "THCNT", |it| it.threads.to_string()),
    ("ni", "NI", |it| it.nice.to_string()),
    ("nice", "NI", |it| it.nice.to_string()),
    ("pri", "PRI", |it| (39 - it.priority).to_string()),
];

/// A column by its name, `name` or `name=TITLE`.
pub(super) fn column(asked: &str) -> Option<Column> {
    let (name, title) = asked.split_once('=').map_or((asked, None), |(name, title)| (name, Some(title)));
    let (_, usual, value) = KNOWN.iter().find(|(known, ..)| *known == name)?;
    Some(Column { title: title.unwrap_or(usual).to_owned(), value: *value })
}

/// Several columns by names that are known.
pub(super) fn columns(names: &[&str]) -> Vec<Column> {
    names.iter().filter_map(|name| column(name)).collect()
}

/// The time of day, or an older process's day. In UTC, which is what virtual hosts have.
fn begun(started: i64, now: i64) -> String {
    let format = if at(started, "%F") == at(now, "%F") { "%H:%M" } else { "%b%d" };
    at(started, format)
}

fn at(seconds: i64, format: &str) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().strftime(format).to_string()
}

/// `[DD-]HH:MM:SS`
fn cumulative(seconds: i64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if days > 0 { format!("{days}-{clock}") } else { clock }
}

/// `[[DD-]HH:]MM:SS`
fn elapsed(seconds: i64) -> String {
    let text = cumulative(seconds.max(0));
    text.strip_prefix("00:").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_ps_does() {
        assert_eq!((cumulative(5).as_str(), cumulative(90_061).as_str()), ("00:00:05", "1-01:01:01"));
        assert_eq!((elapsed(65).as_str(), elapsed(3700).as_str()), ("01:05", "01:01:40"));
        assert_eq!(begun(1_700_000_000, 1_700_000_060), "22:13");
        assert_eq!(begun(1_700_000_000, 1_700_900_000), "Nov14");
    }
}
