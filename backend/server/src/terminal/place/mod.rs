//! Where a terminal is: what would get a line that is typed now.
//!
//! Two sources make one answer. The shell's marks and the alternate screen are read off its output ([`Tracker`]); who has the terminal,
//! and whether that waits for lines or takes keys, the kernel says ([`Foreground`]). Neither is enough: `read -n 1` looks like a prompt
//! to the kernel, and whatever writes to the terminal can write marks.

mod scan;
mod track;

pub(crate) use track::{Ended, Tracker};

use crate::cli::Docker;
use engine::host::Foreground;
use protocol::place::Place;
use std::time::Instant;

/// Characters of a command that are shown.
const LONGEST: usize = 100;

/// Where the terminal is.
pub(super) fn place(foreground: &Foreground, tracker: &Tracker, now: Instant) -> Place {
    let command = shown(&foreground.command);
    if foreground.is_shell {
        return match (foreground.canonical, foreground.reads) {
            (false, _) if tracker.is_at_prompt(now) => Place::Prompt,
            // `read -n 1`
            (false, _) if tracker.is_running() => Place::Question { command },
            // Its own `read`.
            (true, true) => Place::Question { command },
            _ => Place::Busy { command },
        };
    }
    if tracker.alternate {
        return Place::FullScreen { command };
    }
    match (foreground.canonical, foreground.reads) {
        // Nobody is there: between a command and the next of a script.
        _ if foreground.command.is_empty() => Place::Busy { command },
        (false, _) => match Docker::read(&foreground.command).filter(Docker::enters) {
            Some(docker) => Place::Container { command, name: docker.entered().map(str::to_owned) },
            None => Place::Foreign { command },
        },
        (true, true) => Place::Question { command },
        (true, false) => Place::Busy { command },
    }
}

/// A command for people: what it was called with, on one line.
fn shown(command: &[String]) -> String {
    let mut line = String::new();
    for (at, word) in command.iter().enumerate() {
        // The program by its name; a login shell's has a dash before it.
        let word = if at == 0 { word.rsplit('/').next().unwrap_or(word).trim_start_matches('-') } else { word };
        let is_plain = !word.is_empty() && !word.contains(char::is_whitespace);
        line.extend((at > 0).then_some(' '));
        line.push_str(&if is_plain { word.to_owned() } else { format!("'{word}'") });
    }
    let mut characters = line.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut shown: String = characters.by_ref().take(LONGEST).collect();
    shown.extend(characters.next().map(|_| '…'));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(command: &str, canonical: bool, reads: bool) -> Foreground {
        let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
        Foreground { is_shell: command[0] == "/bin/bash", canonical, reads, command }
    }

    /// A shell in which something runs.
    fn running() -> Tracker {
        let mut tracker = Tracker::new(Some("s".to_owned()));
        tracker.shown(b"\x1b]133;A;aid=s\x07# \x1b]133;B;aid=s\x07\x1b]133;C;aid=s\x07");
        tracker
    }

    #[track_caller]
    fn check(front: &Foreground, tracker: &Tracker, expected: &Place) {
        assert_eq!(&place(front, tracker, Instant::now()), expected);
    }

    #[test]
    fn a_terminal_is_where_kernel_and_marks_say() {
        let command = |text: &str| text.to_owned();
        let busy = |text: &str| Place::Busy { command: command(text) };
        let question = |text: &str| Place::Question { command: command(text) };
        let container =
            |text: &str, name: Option<&str>| Place::Container { command: command(text), name: name.map(str::to_owned) };
        let running = running();
        check(&front("docker logs -f uhr", true, false), &running, &busy("docker logs -f uhr"));
        check(&front("cat", true, true), &running, &question("cat"));
        check(&front("docker image prune", true, true), &running, &question("docker image prune"));
        let run = "docker run -it --name test debian:latest";
        check(&front(run, false, false), &running, &container(run, Some("test")));
        check(&front(run, true, false), &running, &busy(run));
        check(
            &front("docker exec -it uhr sh", false, true),
            &running,
            &container("docker exec -it uhr sh", Some("uhr")),
        );
        check(&front("/usr/bin/python3", false, true), &running, &Place::Foreign { command: command("python3") });
        check(&front("docker run -it debian", false, true), &running, &container("docker run -it debian", None));
        check(&front("/bin/bash --login", true, true), &running, &question("bash --login"));
        check(&front("/bin/bash --login", false, false), &running, &question("bash --login"));
        check(&front("/bin/bash --login", true, false), &running, &busy("bash --login"));
        let gone = Foreground { canonical: true, ..Foreground::default() };
        check(&gone, &running, &busy(""));
    }

    #[test]
    fn an_editor_has_the_screen_and_a_prompt_takes_it_back() {
        let mut tracker = running();
        tracker.shown(b"\x1b[?1049h");
        check(&front("vi datei", false, true), &tracker, &Place::FullScreen { command: "vi datei".to_owned() });
        tracker.shown(b"\x1b]133;A;aid=s\x07# \x1b]133;B;aid=s\x07");
        check(&front("/bin/bash --login", false, true), &tracker, &Place::Prompt);
    }

    #[test]
    fn a_forged_prompt_is_none() {
        let mut tracker = running();
        tracker.shown(b"\x1b]133;A;aid=x\x07# \x1b]133;B\x07");
        check(&front("docker logs uhr", true, false), &tracker, &Place::Busy { command: "docker logs uhr".to_owned() });
        // Also one who knows the secret: the learner's own script.
        tracker.shown(b"\x1b]133;A;aid=s\x07# \x1b]133;B;aid=s\x07");
        check(&front("sleep 9", true, false), &tracker, &Place::Busy { command: "sleep 9".to_owned() });
    }

    #[test]
    fn commands_are_shown_on_one_line() {
        let words = ["/usr/bin/docker", "run", "busybox", "sh", "-c", "a\nb"].map(str::to_owned);
        assert_eq!(shown(&words), "docker run busybox sh -c 'a b'");
        assert_eq!(shown(&["x".repeat(300)]).chars().count(), LONGEST + 1);
        assert_eq!(shown(&["-bash".to_owned()]), "bash");
    }
}
