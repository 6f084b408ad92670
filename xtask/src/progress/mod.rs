//! What is being built, how far it is, and how long it will still take: a line that changes on a terminal, a line now
//! and then elsewhere.

pub(crate) mod cargo;
mod estimate;

use self::estimate::Work;
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often the line on a terminal changes, and how often there is one elsewhere.
const ON_TERMINAL: Duration = Duration::from_millis(250);
const ELSEWHERE: Duration = Duration::from_secs(15);

/// What ends sooner than this was there already: it says nothing about how fast the machine is.
const AT_ONCE: Duration = Duration::from_secs(2);

static BOARD: Mutex<Board> = Mutex::new(Board { began: None, parts: Vec::new(), is_watched: false, is_shown: false });

/// All that is under way at a time.
struct Board {
    /// When the first of the parts was expected; `None` when there is none.
    began: Option<Instant>,
    parts: Vec<State>,
    /// There is a thread that shows it.
    is_watched: bool,
    /// There is a line on the terminal that the next one takes the place of.
    is_shown: bool,
}

struct State {
    name: &'static str,
    work: Work,
    /// What was done when it was first heard of, which an earlier build has done.
    before: Option<f64>,
    /// How far it is, for people.
    shown: String,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running(Instant),
    Ended,
}

/// Something whose progress is shown, until this is dropped.
pub(crate) struct Part {
    index: usize,
}

/// Announces what will be done, and how many seconds it usually adds to the whole on two idle cores.
pub(crate) fn expect(name: &'static str, seconds: f64) -> Part {
    let mut board = board();
    board.began.get_or_insert_with(Instant::now);
    if !std::mem::replace(&mut board.is_watched, true) {
        thread::spawn(show);
    }
    let work = Work { usual: seconds, done: 0.0 };
    board.parts.push(State { name, work, before: None, shown: String::new(), stage: Stage::Waiting });
    Part { index: board.parts.len() - 1 }
}

/// Writes a line for the user above the one that shows the progress.
pub(crate) fn print(line: &str) {
    let mut board = board();
    board.clear();
    eprintln!("{line}");
}

impl Part {
    /// It is at work from now on.
    pub(crate) fn begin(&self) {
        board().parts[self.index].stage = Stage::Running(Instant::now());
    }

    /// What it does, where nothing is known of how far it is.
    pub(crate) fn show(&self, shown: &str) {
        shown.clone_into(&mut board().parts[self.index].shown);
    }

    /// It has come so far: in words, and from 0 to 1.
    pub(crate) fn set(&self, shown: &str, done: f64) {
        let mut board = board();
        let state = &mut board.parts[self.index];
        // Only what is still to do takes time.
        let before = *state.before.get_or_insert(done);
        state.work.done = if before < 1.0 { ((done - before) / (1.0 - before)).clamp(0.0, 1.0) } else { 1.0 };
        shown.clone_into(&mut state.shown);
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let mut board = board();
        let state = &mut board.parts[self.index];
        match state.stage {
            Stage::Running(since) if since.elapsed() > AT_ONCE => state.work.done = 1.0,
            _ => state.work.usual = 0.0,
        }
        state.stage = Stage::Ended;
        if board.parts.iter().all(|state| state.stage == Stage::Ended) {
            board.clear();
            board.parts.clear();
            board.began = None;
        }
    }
}

impl Board {
    fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            eprint!("\r\x1b[K");
        }
    }

    /// What is under way and how long the rest takes; `None` when nothing is.
    fn line(&self) -> Option<String> {
        let running = self.parts.iter().filter(|state| matches!(state.stage, Stage::Running(_)));
        let running: Vec<String> =
            running.map(|state| format!("{} {}", state.name, state.shown).trim_end().to_owned()).collect();
        let elapsed = self.began?.elapsed().as_secs_f64();
        let works = self.parts.iter().map(|state| {
            let before = state.before.unwrap_or(0.0);
            Work { usual: state.work.usual * (1.0 - before), ..state.work }
        });
        let left = estimate::in_words(estimate::left(works, elapsed));
        (!running.is_empty()).then(|| format!("{}; {left}", running.join(", ")))
    }
}

/// Shows the progress as long as the program runs.
fn show() {
    let is_terminal = stderr().is_terminal();
    let pause = if is_terminal { ON_TERMINAL } else { ELSEWHERE };
    loop {
        thread::sleep(pause);
        let mut board = board();
        let Some((began, line)) = board.began.zip(board.line()) else { continue };
        if !is_terminal {
            eprintln!("{:>12} {line}", "Building");
        } else if began.elapsed() > AT_ONCE {
            eprint!("\r\x1b[K\x1b[1;36m{:>12}\x1b[0m {line}", "Building");
            // Nothing is lost if it can't be shown.
            let _ = stderr().flush();
            board.is_shown = true;
        }
    }
}

fn board() -> MutexGuard<'static, Board> {
    BOARD.lock().unwrap_or_else(PoisonError::into_inner)
}
