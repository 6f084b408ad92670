//! The deck's lines on their way into a terminal: which one waits, which one runs, and when one is typed.

use protocol::deck::LineAddress;
use protocol::place::{LineState, Obstacle, Place, RunHow};
use std::time::{Duration, Instant};

/// A second press of the same line within this time is the same press.
const ONCE: Duration = Duration::from_millis(500);

/// How long a line is kept from a terminal that is only just not where it belongs, before somebody is asked: what was typed
/// before it ends, mostly, within this time.
const GRACE: Duration = Duration::from_millis(700);

/// Tries to get rid of what is half typed.
const MOST_CLEARS: u32 = 3;

/// Ctrl-U: forgets what is half typed, in a container's shell.
const KILL: &str = "\x15";

/// A line that somebody pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Press {
    pub(crate) line: LineAddress,
    pub(crate) command: String,
    /// It belongs into a container.
    pub(crate) inside: bool,
    /// The container that it makes under a name of its own.
    pub(crate) creates: Option<String>,
    pub(crate) how: RunHow,
}

/// What there is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Do {
    Type(String),
    /// Give up what is half typed at the shell's prompt.
    Clear,
    Say(LineAddress, LineState),
}

/// What counts when a line is to be typed.
#[derive(Clone, Copy)]
pub(super) struct Now<'a> {
    pub(super) place: &'a Place,
    /// Something is half typed.
    pub(super) has_typed: bool,
    /// Something was typed a moment ago: what is in front may change at once.
    pub(super) unsettled: bool,
    /// Which of a name's containers there is, and whether it runs.
    pub(super) taken: &'a dyn Fn(&str) -> Option<bool>,
    pub(super) at: Instant,
}

/// The lines of one terminal.
#[derive(Debug, Default)]
pub(super) struct Lines {
    waiting: Option<Waiting>,
    /// Typed at the prompt, and not ended.
    running: Option<LineAddress>,
    last: Option<(LineAddress, Instant)>,
}

#[derive(Debug)]
struct Waiting {
    press: Press,
    since: Instant,
    clears: u32,
    is_said: bool,
}

impl Lines {
    /// Takes a press; whether anything comes of it at once, [`Self::advance`] says.
    pub(super) fn press(&mut self, press: Press, now: Instant) -> Vec<Do> {
        let mut todo = Vec::new();
        let again = self.last.is_some_and(|(line, at)| line == press.line && now.duration_since(at) < ONCE);
        if again && matches!(press.how, RunHow::IfFree | RunHow::Replacing) {
            return todo;
        }
        match &mut self.waiting {
            Some(waiting) if waiting.press.line == press.line && press.how == RunHow::IfFree => return todo,
            Some(waiting) if waiting.press.line != press.line => {
                todo.push(Do::Say(waiting.press.line, LineState::Cancelled));
            }
            _ => {}
        }
        self.waiting = Some(Waiting { press, since: now, clears: 0, is_said: false });
        todo
    }

    /// Types the line that waits, or says why not.
    pub(super) fn advance(&mut self, now: Now<'_>) -> Vec<Do> {
        let mut todo = Vec::new();
        if *now.place == Place::Prompt {
            // It has ended without a mark that says how.
            todo.extend(self.running.take().map(|line| Do::Say(line, LineState::Done { exit_code: None })));
        }
        let Some(mut waiting) = self.waiting.take() else { return todo };
        let line = waiting.press.line;
        match waiting.step(now) {
            Step::Wait => {
                if !std::mem::replace(&mut waiting.is_said, true) {
                    todo.push(Do::Say(line, LineState::Waiting));
                }
                self.waiting = Some(waiting);
            }
            Step::Clear => {
                waiting.clears += 1;
                todo.push(Do::Clear);
                self.waiting = Some(waiting);
            }
            Step::Hold(obstacle) => todo.push(Do::Say(line, LineState::Held { obstacle })),
            Step::Type(text) => {
                self.last = Some((line, now.at));
                todo.push(Do::Type(text));
                if *now.place == Place::Prompt {
                    self.running = Some(line);
                    todo.push(Do::Say(line, LineState::Running));
                } else {
                    todo.push(Do::Say(line, LineState::Done { exit_code: None }));
                }
            }
        }
        todo
    }

    /// The command that ran at the prompt has ended.
    pub(super) fn ended(&mut self, exit_code: Option<i32>) -> Vec<Do> {
        self.running.take().map(|line| Do::Say(line, LineState::Done { exit_code })).into_iter().collect()
    }

    /// Gives up the line that waits.
    pub(super) fn cancel(&mut self) -> Vec<Do> {
        let waiting = self.waiting.take();
        waiting.map(|waiting| Do::Say(waiting.press.line, LineState::Cancelled)).into_iter().collect()
    }

    /// The shell has gone, and all that was typed into it.
    pub(super) fn gone(&mut self) -> Vec<Do> {
        let running = self.running.take().map(|line| Do::Say(line, LineState::Cancelled));
        self.cancel().into_iter().chain(running).collect()
    }

    /// Whether somebody has to know where the terminal is, though nobody looks.
    pub(super) fn has_any(&self) -> bool {
        self.waiting.is_some() || self.running.is_some()
    }

    /// When patience with the line that waits ends.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting
            .as_ref()
            .filter(|waiting| waiting.press.how != RunHow::WhenFree)
            .map(|waiting| waiting.since + GRACE)
    }
}

enum Step {
    Wait,
    Clear,
    Type(String),
    Hold(Obstacle),
}

impl Waiting {
    fn step(&self, now: Now<'_>) -> Step {
        let Press { command, inside, creates, how, .. } = &self.press;
        if *how == RunHow::Anyway {
            return Step::Type(format!("{command}\r"));
        }
        let fits = match now.place {
            Place::Unknown => true,
            Place::Prompt => !inside,
            Place::Container { .. } => *inside,
            Place::Busy { .. } | Place::Foreign { .. } | Place::FullScreen { .. } | Place::Question { .. } => false,
        };
        let elsewhere = || Obstacle::Elsewhere { place: now.place.clone() };
        if !fits {
            let may_pass = matches!(now.place, Place::Busy { .. }) || now.unsettled;
            let patient = *how == RunHow::WhenFree || may_pass && now.at < self.since + GRACE;
            return if patient { Step::Wait } else { Step::Hold(elsewhere()) };
        }
        let exists = creates.as_ref().and_then(|name| Some((name, (now.taken)(name)?)));
        if let Some((container, running)) = exists.filter(|_| *how != RunHow::Replacing) {
            return Step::Hold(Obstacle::Exists { container: container.clone(), running });
        }
        if now.has_typed && *now.place == Place::Prompt {
            return if self.clears < MOST_CLEARS { Step::Clear } else { Step::Hold(elsewhere()) };
        }
        let kill = if now.has_typed { KILL } else { "" };
        Step::Type(match exists {
            Some((name, _)) => format!("docker rm -f {name} && {command}\r"),
            None => format!("{kill}{command}\r"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: LineAddress = LineAddress { h: 1, v: 2, block: 0, line: 0 };
    const OTHER: LineAddress = LineAddress { h: 1, v: 2, block: 0, line: 1 };

    fn press(line: LineAddress, how: RunHow) -> Press {
        Press { line, command: "docker ps".to_owned(), inside: false, creates: None, how }
    }

    fn busy() -> Place {
        Place::Busy { command: "sleep 100".to_owned() }
    }

    fn now(place: &Place, at: Instant) -> Now<'_> {
        Now { place, has_typed: false, unsettled: false, taken: &|_| None, at }
    }

    fn typed(line: LineAddress) -> Vec<Do> {
        vec![Do::Type("docker ps\r".to_owned()), Do::Say(line, LineState::Running)]
    }

    fn held(line: LineAddress, place: Place) -> Vec<Do> {
        vec![Do::Say(line, LineState::Held { obstacle: Obstacle::Elsewhere { place } })]
    }

    #[test]
    fn a_line_is_typed_at_the_prompt_and_tells_how_it_ended() {
        let at = Instant::now();
        let mut lines = Lines::default();
        assert_eq!(lines.press(press(LINE, RunHow::IfFree), at), []);
        assert_eq!(lines.advance(now(&Place::Prompt, at)), typed(LINE));
        assert_eq!(lines.ended(Some(3)), [Do::Say(LINE, LineState::Done { exit_code: Some(3) })]);
        assert_eq!(lines.ended(Some(0)), [], "another command's end");
    }

    #[test]
    fn two_presses_run_once() {
        let at = Instant::now();
        let mut lines = Lines::default();
        lines.press(press(LINE, RunHow::IfFree), at);
        lines.press(press(LINE, RunHow::IfFree), at);
        assert_eq!(lines.advance(now(&Place::Prompt, at)), typed(LINE));
        lines.press(press(LINE, RunHow::IfFree), at + ONCE / 2);
        assert_eq!(
            lines.advance(now(&Place::Prompt, at + ONCE / 2)),
            [Do::Say(LINE, LineState::Done { exit_code: None })]
        );
        lines.press(press(LINE, RunHow::IfFree), at + ONCE);
        assert_eq!(lines.advance(now(&Place::Prompt, at + ONCE)), typed(LINE));
        lines.press(press(LINE, RunHow::WhenFree), at + ONCE);
        assert_eq!(lines.advance(now(&busy(), at)), [Do::Say(LINE, LineState::Waiting)]);
        lines.press(press(LINE, RunHow::IfFree), at + 2 * ONCE);
        assert_eq!(lines.advance(now(&busy(), at + 9 * GRACE)), [], "it goes on waiting");
    }

    #[test]
    fn a_line_for_another_place_is_held_after_a_moment() {
        let at = Instant::now();
        let editor = Place::FullScreen { command: "vi".to_owned() };
        let mut lines = Lines::default();
        lines.press(press(LINE, RunHow::IfFree), at);
        assert_eq!(lines.advance(now(&editor, at)), held(LINE, editor.clone()));
        assert_eq!(lines.advance(now(&Place::Prompt, at)), [], "it is not typed later");

        lines.press(press(LINE, RunHow::IfFree), at);
        assert_eq!(lines.advance(now(&busy(), at)), [Do::Say(LINE, LineState::Waiting)]);
        assert_eq!(lines.deadline(), Some(at + GRACE));
        assert_eq!(lines.advance(now(&busy(), at + GRACE)), held(LINE, busy()));

        lines.press(press(LINE, RunHow::IfFree), at);
        let unsettled = Now { unsettled: true, ..now(&editor, at) };
        assert_eq!(lines.advance(unsettled), [Do::Say(LINE, LineState::Waiting)]);
        assert_eq!(lines.advance(now(&Place::Prompt, at + GRACE / 2)), typed(LINE));
    }

    #[test]
    fn a_line_that_waits_is_typed_once_or_cancelled() {
        let at = Instant::now();
        let mut lines = Lines::default();
        lines.press(press(LINE, RunHow::WhenFree), at);
        assert_eq!(lines.advance(now(&busy(), at)), [Do::Say(LINE, LineState::Waiting)]);
        assert_eq!(lines.advance(now(&busy(), at + 100 * GRACE)), []);
        assert_eq!(lines.press(press(OTHER, RunHow::WhenFree), at), [Do::Say(LINE, LineState::Cancelled)]);
        assert_eq!(lines.advance(now(&Place::Prompt, at)), typed(OTHER));
        assert_eq!(lines.advance(now(&busy(), at)), []);
        lines.press(press(LINE, RunHow::WhenFree), at);
        assert_eq!(lines.cancel(), [Do::Say(LINE, LineState::Cancelled)]);
        assert_eq!(lines.gone(), [Do::Say(OTHER, LineState::Cancelled)]);
        assert!(!lines.has_any());
    }

    #[test]
    fn lines_inside_are_for_containers() {
        let at = Instant::now();
        let container = Place::Container { command: "docker run -it debian".to_owned(), name: None };
        let inside = Press { inside: true, ..press(LINE, RunHow::IfFree) };
        let mut lines = Lines::default();
        lines.press(inside.clone(), at);
        assert_eq!(lines.advance(now(&Place::Prompt, at)), held(LINE, Place::Prompt));
        lines.press(inside, at);
        let half = Now { has_typed: true, ..now(&container, at) };
        let done = Do::Say(LINE, LineState::Done { exit_code: None });
        assert_eq!(lines.advance(half), [Do::Type("\x15docker ps\r".to_owned()), done]);
        lines.press(press(OTHER, RunHow::IfFree), at);
        assert_eq!(lines.advance(now(&container, at)), held(OTHER, container.clone()));
    }

    #[test]
    fn what_is_half_typed_is_cleared_before_and_nothing_is_typed_behind_it() {
        let at = Instant::now();
        let half = Now { has_typed: true, ..now(&Place::Prompt, at) };
        let mut lines = Lines::default();
        lines.press(press(LINE, RunHow::IfFree), at);
        assert_eq!(lines.advance(half), [Do::Clear]);
        assert_eq!(lines.advance(now(&Place::Prompt, at)), typed(LINE));
        lines.ended(Some(0));
        lines.press(press(OTHER, RunHow::IfFree), at);
        for _ in 0..MOST_CLEARS {
            assert_eq!(lines.advance(half), [Do::Clear]);
        }
        assert_eq!(lines.advance(half), held(OTHER, Place::Prompt));
    }

    #[test]
    fn a_name_is_not_given_twice() {
        let at = Instant::now();
        let taken = |name: &str| (name == "uhr").then_some(true);
        let there = Now { taken: &taken, ..now(&Place::Prompt, at) };
        let uhr = Press { creates: Some("uhr".to_owned()), ..press(LINE, RunHow::IfFree) };
        let mut lines = Lines::default();
        lines.press(uhr.clone(), at);
        let obstacle = Obstacle::Exists { container: "uhr".to_owned(), running: true };
        assert_eq!(lines.advance(there), [Do::Say(LINE, LineState::Held { obstacle })]);
        lines.press(Press { how: RunHow::Replacing, ..uhr.clone() }, at);
        let typed = Do::Type("docker rm -f uhr && docker ps\r".to_owned());
        assert_eq!(lines.advance(there), [typed, Do::Say(LINE, LineState::Running)]);
        lines.ended(Some(0));
        lines.press(Press { creates: Some("boje".to_owned()), line: OTHER, ..uhr }, at);
        assert_eq!(lines.advance(there).len(), 2);
    }

    #[test]
    fn whoever_wants_it_gets_it_typed() {
        let at = Instant::now();
        let mut lines = Lines::default();
        lines.press(press(LINE, RunHow::WhenFree), at);
        lines.press(press(LINE, RunHow::Anyway), at);
        let done = Do::Say(LINE, LineState::Done { exit_code: None });
        assert_eq!(lines.advance(now(&busy(), at)), [Do::Type("docker ps\r".to_owned()), done]);
        assert_eq!(lines.advance(now(&Place::Prompt, at)), [], "and not once more");
    }
}
