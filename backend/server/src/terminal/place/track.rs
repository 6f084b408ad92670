//! What a shell is doing, from what it shows and what is typed into it.

use super::scan::{Scanner, Seen};
use std::time::{Duration, Instant};

/// So long a line that was entered may take to be run before it counts as not finished: `for i in 1 2` is asked to go on.
const ENTERED: Duration = Duration::from_secs(1);

/// The same where no marks tell: as long as a shell takes to begin a program.
const ENTERED_UNMARKED: Duration = Duration::from_millis(250);

/// Follows one shell.
#[derive(Debug)]
pub(crate) struct Tracker {
    scanner: Scanner,
    phase: Phase,
    /// A program has the alternate screen.
    pub(super) alternate: bool,
    /// Something was typed since the prompt came, or since the last line was entered.
    typed: bool,
    /// Something stands behind the prompt: what was typed before it came.
    echoed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It was not heard of yet.
    Unknown,
    /// It writes its prompt.
    Prompting,
    /// It waits for a line.
    Input,
    /// A line was entered, and nothing came of it yet.
    Entered(Instant),
    /// A command runs.
    Running,
}

/// What of a shell's output others need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended(pub(crate) Option<i32>);

impl Tracker {
    /// `secret` is what the shell's marks carry.
    pub(crate) fn new(secret: Option<String>) -> Self {
        let scanner = Scanner::new(secret);
        Self { scanner, phase: Phase::Unknown, alternate: false, typed: false, echoed: false }
    }

    /// Takes what the shell has shown; answers with the command that ended in it, the last if there were several.
    pub(crate) fn shown(&mut self, bytes: &[u8]) -> Option<Ended> {
        let Self { scanner, phase, alternate, typed, echoed } = self;
        let mut ended = None;
        scanner.scan(bytes, |seen| match seen {
            Seen::Text => *echoed |= *phase == Phase::Input,
            Seen::Alternate(on) => *alternate = on,
            Seen::Ended(code) => ended = Some(Ended(code)),
            // Whoever had the screen and was killed, the shell has it again.
            Seen::Prompt => (*phase, *alternate, *typed, *echoed) = (Phase::Prompting, false, false, false),
            // Also when the line editor draws its line again: what is typed comes after it.
            Seen::Input => (*phase, *echoed) = (Phase::Input, false),
            Seen::Run => (*phase, *typed) = (Phase::Running, false),
        });
        ended
    }

    /// Takes what is typed.
    pub(crate) fn typed(&mut self, bytes: &[u8], now: Instant) {
        let enters = bytes.iter().rposition(|byte| matches!(byte, b'\r' | b'\n' | 0x04));
        let Some(at) = enters else {
            self.typed |= !bytes.is_empty();
            return;
        };
        self.typed = at + 1 < bytes.len();
        if matches!(self.phase, Phase::Input | Phase::Entered(_) | Phase::Unknown) {
            self.phase = Phase::Entered(now);
        }
    }

    /// What was begun to be typed was given up (Ctrl-C): the shell writes its prompt again.
    pub(crate) fn cleared(&mut self, now: Instant) {
        (self.typed, self.echoed) = (false, false);
        if !matches!(self.phase, Phase::Running) {
            self.phase = Phase::Entered(now);
        }
    }

    /// Whether the shell, which has the terminal and reads keys, does so at its prompt.
    pub(super) fn is_at_prompt(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Unknown | Phase::Input => true,
            Phase::Prompting | Phase::Running => false,
            Phase::Entered(at) => now.duration_since(at) >= self.patience(),
        }
    }

    /// Whether a command of the shell's runs.
    pub(super) fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// A shell that makes marks says when a command has ended.
    pub(super) fn tells_ends(&self) -> bool {
        self.scanner.has_marks()
    }

    /// Whether there is something half typed: also a line that was entered and came to nothing, as its command goes on in the next.
    pub(crate) fn has_typed(&self) -> bool {
        self.typed || self.echoed || self.tells_ends() && matches!(self.phase, Phase::Entered(_))
    }

    /// After which time [`Self::is_at_prompt`] may be another, with nothing seen or typed.
    pub(crate) fn settles_in(&self, now: Instant) -> Option<Duration> {
        let Phase::Entered(at) = self.phase else { return None };
        Some((at + self.patience()).saturating_duration_since(now)).filter(|left| !left.is_zero())
    }

    fn patience(&self) -> Duration {
        if self.tells_ends() { ENTERED } else { ENTERED_UNMARKED }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT: &[u8] = b"\x1b]133;D;0;aid=s\x07\x1b]133;A;aid=s\x07anna # \x1b]133;B;aid=s\x07";

    fn at_prompt() -> Tracker {
        let mut tracker = Tracker::new(Some("s".to_owned()));
        assert_eq!(tracker.shown(PROMPT), Some(Ended(Some(0))));
        tracker
    }

    #[test]
    fn a_line_takes_the_prompt_until_it_has_ended() {
        let now = Instant::now();
        let mut tracker = at_prompt();
        assert!(tracker.is_at_prompt(now) && !tracker.has_typed());
        tracker.typed(b"ls\r", now);
        assert!(!tracker.is_at_prompt(now), "entered, and not run yet");
        tracker.shown(b"ls\r\n\x1b]133;C;aid=s\x07a b\r\n");
        assert!(!tracker.is_at_prompt(now + ENTERED));
        assert_eq!(tracker.shown(b"\x1b]133;D;2;aid=s\x07"), Some(Ended(Some(2))));
        assert!(!tracker.is_at_prompt(now), "the prompt isn't written yet");
        tracker.shown(PROMPT);
        assert!(tracker.is_at_prompt(now) && !tracker.has_typed());
    }

    #[test]
    fn what_is_half_typed_is_known_whenever_it_was() {
        let now = Instant::now();
        let mut tracker = at_prompt();
        tracker.typed(b"echo h", now);
        assert!(tracker.has_typed());
        tracker.shown(b"echo h");
        // The line editor draws its line again, as it does after a change of size.
        tracker.shown(b"\r\x1b[Kanna # \x1b]133;B;aid=s\x07echo h");
        assert!(tracker.has_typed());
        tracker.typed(b"\r", now);
        tracker.shown(b"\x1b]133;C;aid=s\x07");
        tracker.typed(b"before the prompt", now);
        tracker.shown(PROMPT);
        assert!(!tracker.has_typed(), "the shell hasn't taken it yet");
        tracker.shown(b"before the prompt");
        assert!(tracker.has_typed());
    }

    #[test]
    fn a_drawn_prompt_is_nothing_typed() {
        let mut tracker = at_prompt();
        tracker.shown(b"\r\x1b[K\x1b[1;36manna\x1b[0m # \x1b]133;B;aid=s\x07\x1b[K");
        assert!(!tracker.has_typed());
    }

    #[test]
    fn a_line_that_goes_on_is_half_typed() {
        let now = Instant::now();
        let mut tracker = at_prompt();
        tracker.typed(b"for i in 1 2\r", now);
        tracker.shown(b"for i in 1 2\r\n> ");
        assert!(!tracker.is_at_prompt(now));
        assert_eq!(tracker.settles_in(now), Some(ENTERED));
        assert!(tracker.is_at_prompt(now + ENTERED) && tracker.has_typed());
        tracker.cleared(now);
        assert!(!tracker.is_at_prompt(now));
    }

    #[test]
    fn a_killed_editor_leaves_no_full_screen() {
        let mut tracker = at_prompt();
        tracker.shown(b"\x1b]133;C;aid=s\x07\x1b[?1049h");
        assert!(tracker.alternate);
        tracker.shown(PROMPT);
        assert!(!tracker.alternate);
    }

    #[test]
    fn without_marks_a_shell_that_reads_keys_is_at_its_prompt() {
        let now = Instant::now();
        let mut tracker = Tracker::new(None);
        tracker.shown(b"bash-5.2# ");
        assert!(tracker.is_at_prompt(now));
        tracker.typed(b"ls\r", now);
        assert!(!tracker.is_at_prompt(now));
        assert!(tracker.is_at_prompt(now + ENTERED_UNMARKED));
    }
}
