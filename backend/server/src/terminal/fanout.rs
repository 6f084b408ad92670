//! One terminal: reads what its shell shows, keeps the last of it, and lets viewers follow at their own pace.

use super::front::{Front, Said};
use super::input::{Input, InputFull};
use super::lines::Press;
use super::ring::Ring;
use super::sizes::Sizes;
use super::{Shells, Size};
use engine::host::Shell;
use parking_lot::{Mutex, MutexGuard};
use protocol::message::WINDOW;
use protocol::place::Place;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Notify, watch};

/// Bytes read at once.
const CHUNK: usize = 16 * 1024;

/// How long a shell's old output may take to arrive: it waits in the keeper.
const REPLAY_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause before a shell that ended is begun again; doubled while they don't last.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A shell that lived so long has not crashed.
const LASTING: Duration = Duration::from_secs(2);

/// Times in a row that a shell could not be begun before the terminal is given up.
const MAX_FAILURES: u32 = 3;

/// A terminal, shared by its viewers.
#[derive(Debug)]
pub(crate) struct Fanout {
    state: Mutex<State>,
    /// Told of each change of `state`.
    pub(super) changed: watch::Sender<()>,
    input: Input,
    pub(super) front: Front,
    pub(super) size: watch::Sender<Size>,
    /// Somebody wants a shell to be tried again.
    again: Notify,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) ring: Ring,
    /// Number of the shell, from 1.
    pub(super) shell: u64,
    pub(super) viewers: HashMap<u64, Position>,
    pub(super) next_viewer: u64,
    pub(super) sizes: Sizes,
}

#[derive(Debug)]
pub(super) enum Phase {
    Starting,
    Running,
    /// No shell can be begun, until somebody has it tried again.
    Failed(Arc<engine::Error>),
    /// The terminal, or its host, is gone for good.
    Closed,
}

/// Where a viewer is in the ring.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    /// Where it began; the browser counts from here.
    pub(super) origin: u64,
    pub(super) sent: u64,
    pub(super) drawn: u64,
}

impl Fanout {
    pub(super) fn new(size: Size) -> Arc<Self> {
        let state = State {
            phase: Phase::Starting,
            ring: Ring::new(WINDOW),
            shell: 0,
            viewers: HashMap::new(),
            next_viewer: 0,
            sizes: Sizes::default(),
        };
        let (changed, size) = (watch::Sender::new(()), watch::Sender::new(size));
        Arc::new(Self {
            state: Mutex::new(state),
            changed,
            input: Input::default(),
            front: Front::new(),
            size,
            again: Notify::new(),
        })
    }

    /// Types into the shell. What is typed into a terminal that was closed meanwhile is for nobody.
    pub(crate) fn type_bytes(&self, bytes: &[u8]) -> Result<(), InputFull> {
        if !matches!(self.lock().phase, Phase::Closed) {
            self.input.push(bytes)?;
            self.front.typed(bytes);
        }
        Ok(())
    }

    /// Has a line of the deck typed, now or later, or not: [`Self::said`] tells.
    pub(crate) fn press(&self, press: Press) {
        self.front.press(press);
    }

    /// Gives up the line that waits.
    pub(crate) fn cancel_run(&self) {
        self.front.cancel();
    }

    /// Where the terminal is.
    pub(crate) fn places(&self) -> watch::Receiver<Place> {
        self.front.places()
    }

    /// How the lines are doing that were pressed.
    pub(crate) fn said(&self) -> watch::Receiver<Said> {
        self.front.said()
    }

    /// Has a shell tried again where none could be begun.
    pub(super) fn try_again(&self) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Failed(_)) {
            state.phase = Phase::Starting;
            self.again.notify_one();
        }
    }

    /// Tells all viewers that it is over.
    pub(super) fn close(&self) {
        self.set_phase(Phase::Closed);
    }

    /// Keeps a shell going, for ever.
    pub(super) async fn run(self: Arc<Self>, shells: Arc<dyn Shells>, terminal: u8) {
        let mut failures = 0;
        let mut pause = PAUSE;
        loop {
            let mut sizes = self.size.subscribe();
            let size = *sizes.borrow_and_update();
            let begun = tokio::time::Instant::now();
            match shells.open(terminal, size).await {
                Ok(shell) => {
                    failures = 0;
                    if let Err(error) = self.follow(shell, sizes, shells.as_ref(), terminal).await {
                        tracing::warn!(terminal, %error, "a shell's connection broke");
                    }
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(terminal, failures, %error, "a shell can't be begun");
                    if failures >= MAX_FAILURES {
                        self.set_phase(Phase::Failed(Arc::new(error)));
                        self.again.notified().await;
                        failures = 0;
                    }
                }
            }
            pause = if begun.elapsed() >= LASTING { PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            tokio::time::sleep(pause).await;
        }
    }

    fn set_phase(&self, phase: Phase) {
        self.lock().phase = phase;
        self.changed.send_replace(());
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Carries a shell's bytes until it ends.
    async fn follow(
        &self,
        shell: Shell,
        sizes: watch::Receiver<Size>,
        shells: &dyn Shells,
        terminal: u8,
    ) -> io::Result<()> {
        let (mut reader, writer) = shell.stream.into_split();
        let mut replay = vec![0; shell.replayed.min(WINDOW)];
        tokio::time::timeout(REPLAY_TIMEOUT, reader.read_exact(&mut replay)).await??;
        self.begin(&replay);
        self.front.begin(shell.marks, &replay);
        let is_watched = || !self.lock().viewers.is_empty();
        tokio::select! {
            result = self.read(reader) => result,
            result = self.write(writer) => result,
            () = follow_size(sizes, shells, terminal) => Ok(()),
            () = self.front.attend(shells, terminal, &self.input, is_watched) => Ok(()),
        }
    }

    fn begin(&self, replay: &[u8]) {
        let mut state = self.lock();
        if state.shell > 0 {
            // What was typed since the last shell ended was meant for that one.
            drop(self.input.take_now());
        }
        state.phase = Phase::Running;
        state.shell += 1;
        state.ring = Ring::new(WINDOW);
        state.ring.push(replay);
        state.viewers.clear();
        drop(state);
        self.changed.send_replace(());
    }

    async fn read(&self, mut reader: OwnedReadHalf) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        loop {
            let room = self.room().await.min(CHUNK);
            let length = reader.read(&mut buffer[..room]).await?;
            if length == 0 {
                return Ok(());
            }
            self.lock().ring.push(&buffer[..length]);
            self.front.shown(&buffer[..length]);
            self.changed.send_replace(());
        }
    }

    /// Waits until the fastest viewer has drawn enough; answers how much may be read for it.
    async fn room(&self) -> usize {
        let mut changed = self.changed.subscribe();
        loop {
            let room = {
                let state = self.lock();
                let fastest = state.viewers.values().map(|viewer| viewer.drawn).max();
                fastest.map_or(WINDOW as u64, |drawn| (drawn + WINDOW as u64).saturating_sub(state.ring.end()))
            };
            // The sender is in `self`: this can't fail while we wait.
            if room > 0 || changed.changed().await.is_err() {
                return room as usize;
            }
        }
    }

    async fn write(&self, mut writer: OwnedWriteHalf) -> io::Result<()> {
        loop {
            let bytes = self.input.take().await;
            writer.write_all(&bytes).await?;
        }
    }
}

async fn follow_size(mut sizes: watch::Receiver<Size>, shells: &dyn Shells, terminal: u8) {
    while sizes.changed().await.is_ok() {
        let wanted = *sizes.borrow_and_update();
        if let Err(error) = shells.resize(terminal, wanted).await {
            tracing::warn!(terminal, %error, "a terminal can't be resized");
        }
    }
}
