//! The WebSocket, kept open: when the line breaks it comes back by itself, ever more patiently.

use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};

use gloo::{events::EventListener, timers::callback::Timeout};
use js_sys::{ArrayBuffer, Uint8Array};
use protocol::{ClientMessage, ServerMessage, session::ProblemCode};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, MessageEvent, WebSocket};
use yew::Callback;

use super::{Failure, frame::frames, session};

/// The first wait before connecting again, in milliseconds; it doubles up to the last.
const FIRST_WAIT: u32 = 500;
const LAST_WAIT: u32 = 15_000;

#[derive(Debug, Clone)]
pub(crate) enum Event {
    Status(Status),
    Message(ServerMessage),
    Output { terminal: u8, bytes: Uint8Array },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// For the first time.
    Connecting,
    Online,
    /// The line broke; how often it has been tried since.
    Waiting {
        attempts: u32,
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
    online_again: RefCell<Option<EventListener>>,
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
            let this = self.clone();
            let listener = EventListener::new(&window, "online", move |_| this.retry_now());
            self.0.online_again.replace(Some(listener));
        }
        self.connect();
    }

    /// Ends the connection for good.
    pub(crate) fn close(&self) {
        self.0.on_event.take();
        self.0.timer.take();
        self.0.online_again.take();
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

    /// Sends what was typed. Whether there was a line to send it on.
    pub(crate) fn type_text(&self, terminal: u8, text: &str) -> bool {
        self.with_open(|socket| frames(terminal, text).all(|frame| socket.send_with_u8_array(&frame).is_ok()))
    }

    /// Sends bytes that are not text: reports of the mouse in its old encoding.
    pub(crate) fn type_bytes(&self, terminal: u8, bytes: &[u8]) -> bool {
        let frame = [&[terminal], bytes].concat();
        self.with_open(|socket| socket.send_with_u8_array(&frame).is_ok())
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
        let Some(socket) = url().and_then(|url| WebSocket::new(&url).ok()) else {
            self.wait();
            return;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (opened, message, closed) = (self.clone(), self.clone(), self.clone());
        let listeners = [
            EventListener::new(&socket, "open", move |_| {
                opened.0.attempts.set(0);
                opened.emit(Event::Status(Status::Online));
            }),
            EventListener::new(&socket, "message", move |event| {
                if let Some(event) = event.dyn_ref::<MessageEvent>().and_then(read) {
                    message.emit(event);
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

    /// After the line broke. A browser doesn't tell why a WebSocket was refused, so the session is asked for meanwhile.
    fn wait(&self) {
        if self.0.on_event.borrow().is_none() {
            return;
        }
        let attempts = self.0.attempts.get() + 1;
        self.0.attempts.set(attempts);
        self.emit(Event::Status(Status::Waiting { attempts }));
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
