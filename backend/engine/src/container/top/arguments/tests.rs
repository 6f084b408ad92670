#![allow(clippy::unwrap_used)]
use super::super::process::Process;
use super::*;

fn titles(arguments: &str) -> Result<String> {
    check(arguments)?;
    let names = Names::default();
    let columns = Arguments::parse(arguments, &names)?.columns()?;
    Ok(columns.iter().map(|column| column.title.as_str()).collect::<Vec<_>>().join(" "))
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
        ("aux --sort=comm", "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND"),
        ("-ef --sort -rss,+pid", "UID PID PPID C STIME TTY TIME CMD"),
        ("auxk-pid", "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND"),
        ("--sort=pid", "PID TTY TIME CMD"),
        ("axf", "PID TTY STAT TIME COMMAND"),
        ("--headers --rows=5 --lines 5 --cumulative -ef", "UID PID PPID C STIME TTY TIME CMD"),
        ("--format=pid,comm", "PID COMMAND"),
        ("--format pid,comm", "PID COMMAND"),
        ("--context", "PID CONTEXT COMMAND"),
        ("-u root", "PID TTY TIME CMD"),
        ("U root", "PID TTY STAT TIME COMMAND"),
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
        ("b", "ps: error: unsupported option (BSD syntax)"),
        ("-ef -o pid", "ps: error: conflicting format options"),
        ("aux --sort=nope", "ps: error: unknown sort specifier"),
        ("--sort", "ps: error: long sort specification must follow --sort"),
        ("--pid", "ps: error: list of process IDs must follow --pid"),
        ("--pid=x", "ps: error: process ID list syntax error"),
        ("--user nobody-at-all", "ps: error: user name does not exist"),
        ("--forest=1", "ps: error: option --forest does not take an argument"),
        ("-ef --no-headers", "Couldn't find PID field in ps output"),
        ("--version", "Couldn't find PID field in ps output"),
    ] {
        assert_eq!(titles(arguments).unwrap_err().message, words, "{arguments}");
    }
}

#[test]
fn lists_select() {
    let names = Names { passwd: "ada:x:7:8::/:/bin/sh\n".into(), ..Names::default() };
    let process = Process {
        pid: 5,
        ppid: 4,
        sid: 3,
        uid: "7".into(),
        real_uid: "0".into(),
        gid: "8".into(),
        tty: "pts/0".into(),
        name: "sleep".into(),
        ..Process::default()
    };
    for (arguments, listed) in [
        ("-ef", true),
        ("--pid 4,5", true),
        ("-p4", false),
        ("--ppid=4", true),
        ("--sid 3", true),
        ("--user ada", true),
        ("--User ada", false),
        ("-U root", true),
        ("--group 8", true),
        ("-t pts/0", true),
        ("--tty=?", false),
        ("-C sleep", true),
        ("-C cat", false),
        ("-C cat -p 5", true),
        ("-e -C cat", true),
        ("--deselect -C cat", true),
        ("-N -C sleep", false),
    ] {
        assert_eq!(Arguments::parse(arguments, &names).unwrap().selection.has(&process), listed, "{arguments}");
    }
}
