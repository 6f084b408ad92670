//! The WebSocket, kept open: when the line breaks, or nothing is heard on it, it comes back by itself, ever more patiently.

use super::frame::frames;
use super::{Failure, session};
use gloo::events::EventListener;
use gloo::timers::callback::{Interval, Timeout};
use js_sys::{ArrayBuffer, Date, Uint8Array};
use protocol::message::SILENCE;
use protocol::session::ProblemCode;
use protocol::{ClientMessage, ServerMessage};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, MessageEvent, WebSocket};
use yew::Callback;

/// The first wait before connecting again, in milliseconds; it doubles up to the last.
const FIRST_WAIT: u32 = 500;
const LAST_WAIT: u32 = 5_000;

/// How often it is looked whether the line has fallen silent, in milliseconds.
const LOOK: u32 = 1_000;

#[derive(Debug, Clone)]
pub(crate) enum Event {
    Status(Status),
    Message(ServerMessage),
    Output {
        terminal: u8,
        bytes: Uint8Array,
    },
    /// Something was typed while there is no line. It is not kept: who knows what the shell will show by then.
    NotTyped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// For the first time.
    Connecting,
    Online,
    /// The line broke; how often it has been tried since, and whether what was typed last may not have arrived.
    Waiting {
        attempts: u32,
        unsure: bool,
    },
    /// The server doesn't know the session any more.
    Ended,
}

/// A handle to the one connection of the page; clones share it.
#[derive(Clone)]
pub(crate) struct Socket(Rc<Inner>);

#[derive(Default)]
struct Inner {
    wire: RefCell<Option<Wire>>,
    on_event: RefCell<Option<Callback<Event>>>,
    attempts: Cell<u32>,
    timer: RefCell<Option<Timeout>>,
    /// Look for silence, and for what promises that the line is back.
    watches: RefCell<Option<(Interval, [EventListener; 2])>>,
    /// When something was heard last, or begun to be waited for: milliseconds since 1970.
    heard: Cell<f64>,
    /// Whether something was typed since.
    unsure: Cell<bool>,
}

/// One WebSocket; its listeners go with it.
struct Wire {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    /// Not connected before [`Self::open`].
    pub(crate) fn new() -> Self {
        Self(Rc::default())
    }

    /// Connects, and keeps connected until [`Self::close`].
    pub(crate) fn open(&self, on_event: Callback<Event>) {
        self.0.on_event.replace(Some(on_event));
        self.emit(Event::Status(Status::Connecting));
        if let Some(window) = web_sys::window() {
            let (silence, online, shown) = (self.clone(), self.clone(), self.clone());
            let listeners = [
                EventListener::new(&window, "online", move |_| online.retry_now()),
                // A hidden tab's timers are slow: who comes back to it should not wait for them.
                EventListener::new(&window, "focus", move |_| shown.retry_now()),
            ];
            self.0.watches.replace(Some((Interval::new(LOOK, move || silence.look()), listeners)));
        }
        self.connect();
    }

    /// Ends the connection for good.
    pub(crate) fn close(&self) {
        self.0.on_event.take();
        self.0.timer.take();
        self.0.watches.take();
        self.hang_up();
    }

    /// Connects at once if a wait for the next try is going on.
    pub(crate) fn retry_now(&self) {
        if self.0.timer.take().is_some() {
            self.connect();
        }
    }

    /// Whether there was a line to send it on.
    pub(crate) fn send(&self, message: &ClientMessage) -> bool {
        let Ok(text) = serde_json::to_string(message) else { return false };
        self.with_open(|socket| socket.send_with_str(&text).is_ok())
    }

    /// Sends what was typed; while there is no line it is refused ([`Event::NotTyped`]).
    pub(crate) fn type_text(&self, terminal: u8, text: &str) {
        frames(terminal, text).for_each(|frame| self.type_frame(frame));
    }

    /// Sends bytes that are not text, as [`Self::type_text`] does: reports of the mouse in its old encoding.
    pub(crate) fn type_bytes(&self, terminal: u8, bytes: &[u8]) {
        self.type_frame([&[terminal], bytes].concat());
    }

    fn type_frame(&self, frame: Vec<u8>) {
        if self.with_open(|socket| socket.send_with_u8_array(&frame).is_ok()) {
            self.0.unsure.set(true);
        } else {
            self.emit(Event::NotTyped);
        }
    }

    fn with_open(&self, send: impl FnOnce(&WebSocket) -> bool) -> bool {
        match &*self.0.wire.borrow() {
            Some(wire) if wire.socket.ready_state() == WebSocket::OPEN => send(&wire.socket),
            _ => false,
        }
    }

    fn emit(&self, event: Event) {
        // Not while it is borrowed: the listener may close this socket.
        let on_event = self.0.on_event.borrow().clone();
        if let Some(on_event) = on_event {
            on_event.emit(event);
        }
    }

    fn connect(&self) {
        self.hang_up();
        self.0.heard.set(Date::now());
        let Some(socket) = url().and_then(|url| WebSocket::new(&url).ok()) else {
            self.wait();
            return;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (opened, message, closed) = (self.clone(), self.clone(), self.clone());
        let listeners = [
            EventListener::new(&socket, "open", move |_| {
                opened.0.attempts.set(0);
                opened.0.heard.set(Date::now());
                opened.0.unsure.set(false);
                opened.emit(Event::Status(Status::Online));
            }),
            EventListener::new(&socket, "message", move |event| {
                message.0.heard.set(Date::now());
                message.0.unsure.set(false);
                match event.dyn_ref::<MessageEvent>().and_then(read) {
                    Some(Event::Message(ServerMessage::Alive)) => drop(message.send(&ClientMessage::Alive)),
                    Some(event) => message.emit(event),
                    None => {}
                }
            }),
            EventListener::new(&socket, "close", move |_| closed.wait()),
        ];
        self.0.wire.replace(Some(Wire { socket, _listeners: listeners }));
    }

    fn hang_up(&self) {
        if let Some(wire) = self.0.wire.take() {
            // Closing what is already closed does nothing.
            let _ = wire.socket.close();
        }
    }

    /// Gives up a line on which nothing comes: one that a network dropped without a word looks open for minutes.
    fn look(&self) {
        let silent = Date::now() - self.0.heard.get() > SILENCE.as_millis() as f64;
        if silent && self.0.wire.borrow().is_some() {
            self.hang_up();
            self.wait();
        }
    }

    /// After the line broke. A browser doesn't tell why a WebSocket was refused, so the session is asked for meanwhile.
    fn wait(&self) {
        if self.0.on_event.borrow().is_none() {
            return;
        }
        let attempts = self.0.attempts.get() + 1;
        self.0.attempts.set(attempts);
        self.hang_up();
        self.emit(Event::Status(Status::Waiting { attempts, unsure: self.0.unsure.get() }));
        let this = self.clone();
        self.0.timer.replace(Some(Timeout::new(patience(attempts), move || {
            this.0.timer.take();
            wasm_bindgen_futures::spawn_local(async move {
                match session().await {
                    Err(Failure::Problem(problem)) if problem.code == ProblemCode::NoSession => {
                        this.emit(Event::Status(Status::Ended));
                    }
                    Err(Failure::Unreachable) => this.wait(),
                    _ if this.0.on_event.borrow().is_some() => this.connect(),
                    _ => {}
                }
            });
        })));
    }
}

/// Milliseconds until the next try, spread so that thirty pages don't come back in the same moment.
fn patience(attempts: u32) -> u32 {
    let most = FIRST_WAIT.saturating_mul(1 << attempts.saturating_sub(1).min(8)).min(LAST_WAIT);
    most / 2 + (js_sys::Math::random() * f64::from(most / 2)) as u32
}

fn url() -> Option<String> {
    let location = web_sys::window()?.location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}/api/socket", location.host().ok()?))
}

/// `None` for what this page can't read: a newer server's messages are no reason to stop.
fn read(event: &MessageEvent) -> Option<Event> {
    let data = event.data();
    if let Some(text) = data.as_string() {
        return serde_json::from_str(&text).ok().map(Event::Message);
    }
    let bytes = Uint8Array::new(data.dyn_ref::<ArrayBuffer>()?);
    let terminal = (bytes.length() > 0).then(|| bytes.get_index(0))?;
    Some(Event::Output { terminal, bytes: bytes.subarray(1, bytes.length()) })
}

impl PartialEq for Socket {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("attempts", &self.0.attempts).finish_non_exhaustive()
    }
}
