//! A command in a terminal, and somebody who types.

use crate::transcript::Typed;
use std::io::{Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Silence for this long means that a program waits for keys.
const SILENCE: Duration = Duration::from_millis(1500);

/// How long one waits for a prompt.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `$STEP` in a terminal of 24 lines and 80 columns.
pub(crate) fn command(seconds: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["-k", "2", seconds, "script", "--quiet", "--return", "--command"]);
    command.args(["stty rows 24 cols 80; eval \"$STEP\"", "/dev/null"]);
    command.env("SHELL", "/bin/sh");
    command
}

/// Types each of the lines when its time has come, and waits for the end.
pub(crate) fn run(mut command: Command, typed: &[Typed]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script, of Debian's bsdutils");
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let shown = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&shown);
    let reader = thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stdout.read(&mut bytes) {
            seen.lock().unwrap().extend_from_slice(&bytes[..count]);
        }
    });
    let mut known = 0;
    for line in typed {
        known = wait(&mut child, &shown, known, line.at_prompt);
        // A command that has ended has no more use for it; its output shows that.
        let _ = stdin.write_all(&line.bytes);
    }
    let status = child.wait().unwrap();
    drop(stdin);
    reader.join().unwrap();
    let stdout = shown.lock().unwrap().clone();
    Output { status, stdout, stderr: Vec::new() }
}

/// Returns how much has been shown when it is time to type: after what was `known`, a prompt or silence.
fn wait(child: &mut Child, shown: &Mutex<Vec<u8>>, known: usize, for_prompt: bool) -> usize {
    let start = Instant::now();
    let (mut length, mut changed) = (0, start);
    loop {
        let text = shown.lock().unwrap().clone();
        if text.len() != length {
            (length, changed) = (text.len(), Instant::now());
        }
        let silent = changed.elapsed() > SILENCE;
        let ready = if for_prompt { length > known && is_prompt(&text) } else { silent };
        if ready || child.try_wait().unwrap().is_some() || start.elapsed() > PATIENCE {
            return length;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a shell has shown its prompt; busybox asks for the cursor's position behind it.
fn is_prompt(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"\x1b[6n").unwrap_or(text);
    text.ends_with(b"# ") || text.ends_with(b"$ ")
}
