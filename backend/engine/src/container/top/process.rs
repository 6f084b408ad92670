//! One process, from `/proc`.

use std::collections::HashMap;
use std::io::Read;

/// Bytes of a command line that are read: a tenant decides how long it is.
const LONGEST: u64 = 4096;

/// The kernel's ticks in a second (`USER_HZ`, the same on all machines).
const TICKS: i64 = 100;

/// Major numbers of pseudo-terminals, 256 of them each.
const PTS: std::ops::Range<i64> = 136..144;

/// Who has which name on the virtual host.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// First of the virtual host's ids on the machine.
    pub(super) id_base: u32,
    /// `/etc/passwd` and `/etc/group` of the workstation.
    pub(super) passwd: String,
    pub(super) group: String,
}

impl Names {
    pub(super) fn uid(&self, name: &str) -> Option<u32> {
        numbered(&self.passwd, name)
    }

    pub(super) fn gid(&self, name: &str) -> Option<u32> {
        numbered(&self.group, name)
    }
}

/// What there is to show of a process.
#[derive(Debug, Default)]
pub(super) struct Process {
    pub(super) machine_pid: i32,
    pub(super) machine_ppid: i32,
    /// As the virtual host sees it; a parent outside of it is 0.
    pub(super) pid: i32,
    pub(super) ppid: i32,
    pub(super) pgid: i32,
    pub(super) sid: i32,
    pub(super) uid: String,
    pub(super) gid: String,
    pub(super) user: String,
    pub(super) group: String,
    pub(super) real_uid: String,
    pub(super) real_gid: String,
    pub(super) name: String,
    pub(super) args: String,
    /// What stands before its command in a forest.
    pub(super) branch: String,
    pub(super) stat: String,
    pub(super) tty: String,
    pub(super) priority: i64,
    pub(super) nice: i64,
    pub(super) threads: i64,
    /// KiB.
    pub(super) vsz: u64,
    pub(super) rss: u64,
    /// KiB that the virtual host has.
    pub(super) memory: u64,
    pub(super) ticks: i64,
    /// Of its children that have ended.
    pub(super) children_ticks: i64,
    /// Seconds since the epoch.
    pub(super) started: i64,
    pub(super) now: i64,
}

/// Gives each its parent among the others.
pub(super) fn relate(processes: &mut [Process]) {
    let pids: HashMap<i32, i32> = processes.iter().map(|process| (process.machine_pid, process.pid)).collect();
    for process in processes {
        process.ppid = pids.get(&process.machine_ppid).copied().unwrap_or(0);
    }
}

impl Process {
    /// `None` if it has ended. `memory` is the virtual host's, in bytes.
    pub(super) fn read(pid: i32, names: &Names, memory: u64) -> Option<Self> {
        let status = status(pid)?;
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name is the tenant's, and may have anything in it: what counts comes after its last bracket.
        let (before, after) = text.rsplit_once(')')?;
        let name = before.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = after.split_whitespace().collect();
        // Numbered as proc(5) does, where the state is the third.
        let field = |number: usize| fields.get(number - 3).and_then(|field| field.parse::<i64>().ok()).unwrap_or(0);
        let kib =
            |name: &str| status.get(name).and_then(|value| value.split_whitespace().next()?.parse().ok()).unwrap_or(0);
        let ns = |name: &str| status.get(name).map_or(0, |ids| second(ids));
        // The real one first, then the effective one.
        let id = |name: &str, at: usize| -> Option<u32> {
            let id: u32 = status.get(name)?.split_whitespace().nth(at)?.parse().ok()?;
            id.checked_sub(names.id_base)
        };
        let (uid, gid) = (id("Uid", 1), id("Gid", 1));
        let written = |id: Option<u32>| id.map_or("-1".to_owned(), |id| id.to_string());
        let (booted, now) = clock();
        let mut process = Self {
            machine_pid: pid,
            machine_ppid: i32::try_from(field(4)).unwrap_or(0),
            pid: ns("NSpid"),
            ppid: 0,
            pgid: ns("NSpgid"),
            sid: ns("NSsid"),
            uid: written(uid),
            gid: written(gid),
            real_uid: written(id("Uid", 0)),
            real_gid: written(id("Gid", 0)),
            user: short(named(&names.passwd, uid)),
            group: short(named(&names.group, gid)),
            args: String::new(),
            branch: String::new(),
            stat: String::new(),
            tty: tty(field(7)),
            priority: field(18),
            nice: field(19),
            threads: field(20),
            vsz: kib("VmSize"),
            rss: kib("VmRSS"),
            memory: memory / 1024,
            ticks: field(14) + field(15),
            children_ticks: field(16) + field(17),
            started: booted + field(22) / TICKS,
            now,
            name: printable(&name),
        };
        let state = fields.first().copied().unwrap_or("?");
        process.stat = process.flags(state, field(5) == field(8) && field(8) != 0, field(6) == i64::from(pid));
        process.args = process.command_line(pid, state == "Z");
        Some(process)
    }

    pub(super) fn comm(&self) -> String {
        let end = if self.stat.starts_with('Z') { " <defunct>" } else { "" };
        format!("{}{}{end}", self.branch, self.name)
    }

    pub(super) fn args(&self) -> String {
        format!("{}{}", self.branch, self.args)
    }

    /// Counts the time of its children as its own.
    pub(super) fn add_children(&mut self) {
        self.ticks += self.children_ticks;
    }

    pub(super) fn cpu_seconds(&self) -> i64 {
        self.ticks / TICKS
    }

    #[allow(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
    pub(super) fn cpu_percent(&self) -> f64 {
        self.ticks as f64 / (self.now - self.started).max(1) as f64 * 100.0 / TICKS as f64
    }

    #[allow(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
    pub(super) fn memory_percent(&self) -> f64 {
        self.rss as f64 * 100.0 / self.memory.max(1) as f64
    }

    fn flags(&self, state: &str, foreground: bool, leader: bool) -> String {
        let flags =
            [(self.nice < 0, '<'), (self.nice > 0, 'N'), (leader, 's'), (self.threads > 1, 'l'), (foreground, '+')];
        let set = flags.into_iter().filter_map(|(set, flag)| set.then_some(flag));
        state.chars().chain(set).collect()
    }

    fn command_line(&self, pid: i32, defunct: bool) -> String {
        let mut bytes = Vec::new();
        let read = std::fs::File::open(format!("/proc/{pid}/cmdline"))
            .and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
        let text = String::from_utf8_lossy(&bytes);
        match text.trim_end_matches('\0') {
            _ if defunct => format!("[{}] <defunct>", self.name),
            "" => format!("[{}]", self.name),
            _ if read.is_err() => format!("[{}]", self.name),
            line => printable(&line.replace('\0', " ")),
        }
    }
}

/// The lines of `/proc/<pid>/status`.
fn status(pid: i32) -> Option<HashMap<String, String>> {
    let text = std::fs::read(format!("/proc/{pid}/status")).ok()?;
    let text = String::from_utf8_lossy(&text);
    let line = |line: &str| line.split_once(':').map(|(key, value)| (key.to_owned(), value.trim().to_owned()));
    Some(text.lines().filter_map(line).collect())
}

/// Of a process's ids in nested namespaces, the machine's first, the virtual host's.
fn second(ids: &str) -> i32 {
    ids.split_whitespace().nth(1).and_then(|id| id.parse().ok()).unwrap_or(0)
}

/// When the machine was booted, and now, in seconds since the epoch.
fn clock() -> (i64, i64) {
    let now = crate::time::now() / 1_000_000_000;
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let booted = text.lines().find_map(|line| line.strip_prefix("btime ")?.parse().ok());
    (booted.unwrap_or(now), now)
}

fn tty(device: i64) -> String {
    let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00);
    if PTS.contains(&major) { format!("pts/{}", (major - PTS.start) * 256 + minor) } else { "?".to_owned() }
}

fn named(names: &str, id: Option<u32>) -> String {
    let Some(id) = id else { return "nobody".to_owned() };
    let found = names.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        (number.parse() == Ok(id)).then(|| name.to_owned())
    });
    found.unwrap_or_else(|| if id == 0 { "root".to_owned() } else { id.to_string() })
}

fn numbered(names: &str, name: &str) -> Option<u32> {
    let found = names.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (known, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        number.parse().ok().filter(|_| known == name)
    });
    found.or((name == "root").then_some(0))
}

/// As wide as the column is.
fn short(name: String) -> String {
    if name.chars().count() > 8 { name.chars().take(7).chain(['+']).collect() } else { name }
}

fn printable(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '?' } else { char }).collect()
}
