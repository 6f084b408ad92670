//! What is in front in a terminal, kept true while somebody wants to know, and the deck's lines that wait for it.

use super::Shells;
use super::input::Input;
use super::lines::{Do, Lines, Now, Press};
use super::place::{Ended, Tracker, place};
use parking_lot::{Mutex, MutexGuard};
use protocol::deck::LineAddress;
use protocol::place::{LineState, Place};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// How soon after output somebody looks who is in front; while nothing but output changes, ever later.
const SOON: Duration = Duration::from_millis(30);
const LATEST: Duration = Duration::from_millis(400);

/// How long a command that says nothing may run before it is looked at again; ever longer.
const AGAIN: Duration = Duration::from_millis(60);
const LATEST_AGAIN: Duration = Duration::from_secs(2);

/// After typing, so long what is in front may change at once.
const UNSETTLED: Duration = Duration::from_secs(1);

/// Ctrl-C: gives up a line that is half typed, wherever in it the cursor is, in each of bash's editing modes, and also one that
/// goes on over several lines. The shell then writes its prompt again.
const INTERRUPT: &str = "\x03";

/// Lines whose state is kept for tabs that are slow to hear of it.
const MOST_SAID: usize = 32;

/// What tabs are told of lines, oldest first, each with the number of what was said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    pub(crate) lines: Vec<(u64, LineAddress, LineState)>,
    pub(crate) count: u64,
}

/// One terminal's.
#[derive(Debug)]
pub(super) struct Front {
    state: Mutex<State>,
    /// [`State::due`] has changed.
    stir: Notify,
    place: watch::Sender<Place>,
    said: watch::Sender<Said>,
}

#[derive(Debug)]
struct State {
    tracker: Tracker,
    lines: Lines,
    /// When to look.
    due: Option<Instant>,
    /// How long after output.
    pace: Duration,
    again: Duration,
    typed_at: Option<Instant>,
    /// There was a shell.
    has_begun: bool,
}

impl Front {
    pub(super) fn new() -> Self {
        let state = State {
            tracker: Tracker::new(None),
            lines: Lines::default(),
            due: None,
            pace: SOON,
            again: AGAIN,
            typed_at: None,
            has_begun: false,
        };
        Self {
            state: Mutex::new(state),
            stir: Notify::new(),
            place: watch::Sender::default(),
            said: watch::Sender::default(),
        }
    }

    pub(super) fn places(&self) -> watch::Receiver<Place> {
        self.place.subscribe()
    }

    pub(super) fn said(&self) -> watch::Receiver<Said> {
        self.said.subscribe()
    }

    /// Another shell has begun, or was found again with what it showed before.
    pub(super) fn begin(&self, marks: Option<String>, replay: &[u8]) {
        let mut state = self.lock();
        state.tracker = Tracker::new(marks);
        state.tracker.shown(replay);
        // What was pressed while the first one was beginning was meant for it.
        if std::mem::replace(&mut state.has_begun, true) {
            let todo = state.lines.gone();
            self.say(todo);
        }
        drop(state);
        self.place.send_replace(Place::Unknown);
        self.look();
    }

    /// The shell has shown something.
    pub(super) fn shown(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if let Some(Ended(code)) = state.tracker.shown(bytes) {
            state.pace = SOON;
            let todo = state.lines.ended(code);
            self.say(todo);
        }
        let pace = state.pace;
        self.look_within(&mut state, pace);
    }

    /// Somebody has typed something.
    pub(super) fn typed(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.typed(bytes);
        self.look_within(&mut state, SOON);
    }

    /// Somebody wants a line typed.
    pub(super) fn press(&self, press: Press) {
        let mut state = self.lock();
        let todo = state.lines.press(press, Instant::now());
        self.say(todo);
        self.look_within(&mut state, Duration::ZERO);
    }

    /// Nobody wants the line that waits any more.
    pub(super) fn cancel(&self) {
        let todo = self.lock().lines.cancel();
        self.say(todo);
    }

    /// Looks at once.
    pub(super) fn look(&self) {
        self.look_within(&mut self.lock(), Duration::ZERO);
    }

    /// Keeps the place true while `is_watched`, and types the lines that wait. `taken`: whether a container of that name is there,
    /// and runs.
    pub(super) async fn attend(&self, shells: &dyn Shells, terminal: u8, input: &Input, is_watched: impl Fn() -> bool) {
        loop {
            self.wait().await;
            let watched = is_watched();
            if !watched && !self.lock().lines.has_any() {
                continue;
            }
            let foreground = shells.foreground(terminal).await;
            let mut state = self.lock();
            let now = Instant::now();
            let here = match &foreground {
                Ok(foreground) => place(foreground, &state.tracker, now),
                Err(error) => {
                    tracing::debug!(terminal, %error, "it can't be known what is in front");
                    Place::Unknown
                }
            };
            let changed = self.place.send_if_modified(|old| std::mem::replace(old, here.clone()) != here);
            state.slow_down(changed);
            let facts = Now {
                place: &here,
                has_typed: state.tracker.has_typed(),
                unsettled: state.typed_at.is_some_and(|at| now.duration_since(at) < UNSETTLED),
                taken: &|name| shells.container(name),
                at: now,
            };
            let todo = state.lines.advance(facts);
            let types = todo.iter().any(|one| matches!(one, Do::Type(_) | Do::Clear));
            self.carry_out(&mut state, todo, input);
            let recheck = (watched || state.lines.has_any()) && matches!(here, Place::Busy { .. });
            let next = [
                types.then_some(SOON),
                recheck.then_some(state.again),
                state.tracker.settles_in(now),
                state.lines.deadline().map(|at| at.saturating_duration_since(now)).filter(|left| !left.is_zero()),
            ];
            if let Some(next) = next.into_iter().flatten().min() {
                self.look_within(&mut state, next);
            }
        }
    }

    /// Waits until it is time to look.
    async fn wait(&self) {
        loop {
            let due = self.lock().due;
            match due {
                None => self.stir.notified().await,
                Some(due) => tokio::select! {
                    () = tokio::time::sleep_until(due.into()) => {
                        self.lock().due = None;
                        return;
                    }
                    () = self.stir.notified() => {}
                },
            }
        }
    }

    fn look_within(&self, state: &mut State, time: Duration) {
        let at = Instant::now() + time;
        if state.due.is_none_or(|due| at < due) {
            state.due = Some(at);
            self.stir.notify_one();
        }
    }

    fn carry_out(&self, state: &mut State, todo: Vec<Do>, input: &Input) {
        for one in todo {
            match one {
                Do::Say(..) => self.say(vec![one]),
                Do::Type(text) => state.type_into(input, &text),
                Do::Clear => {
                    state.type_into(input, INTERRUPT);
                    state.tracker.cleared(Instant::now());
                }
            }
        }
    }

    fn say(&self, todo: Vec<Do>) {
        for one in todo {
            let Do::Say(line, line_state) = one else { continue };
            self.said.send_modify(|said| {
                said.count += 1;
                said.lines.retain(|(_, other, _)| *other != line);
                if said.lines.len() >= MOST_SAID {
                    said.lines.remove(0);
                }
                said.lines.push((said.count, line, line_state));
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    fn typed(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        self.tracker.typed(bytes, now);
        self.typed_at = Some(now);
        (self.pace, self.again) = (SOON, AGAIN);
    }

    fn type_into(&mut self, input: &Input, text: &str) {
        // A shell that takes no more is busy, and is seen to be.
        if input.push(text.as_bytes()).is_ok() {
            self.typed(text.as_bytes());
        }
    }

    fn slow_down(&mut self, changed: bool) {
        if changed {
            (self.pace, self.again) = (SOON, AGAIN);
        } else {
            (self.pace, self.again) = ((self.pace * 2).min(LATEST), (self.again * 2).min(LATEST_AGAIN));
        }
    }
}
