//! One terminal of the page: what the server sends is drawn, what is typed is sent.

mod size;

use super::feed::Feed;
use super::keys::{Owner, owner};
use super::room::{Grid, Room, SMALLEST, is_answer};
use super::xterm::{Fit6, Terminal6};
use super::{contrast, palette};
use crate::clipboard;
use crate::net::Socket;
use gloo::timers::callback::Timeout;
use js_sys::Uint8Array;
use protocol::ClientMessage;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, KeyboardEvent};
use xterm_js_rs::addons::fit::FitAddon;
use xterm_js_rs::{Terminal, TerminalOptions};
use yew::Callback;

/// Lines kept above the screen.
const SCROLLBACK: u32 = 5_000;

/// Bytes kept of what is typed before the shell is asked for.
const MAX_EARLY: usize = 4 * 1024;

const FONT: &str = "'JetBrains Mono Variable', 'DejaVu Sans Mono', Menlo, Consolas, monospace";

/// RIS: resets the emulator, in order with what is still being drawn.
const RESET: &str = "\x1bc";

/// Takes back what the last shell's programs may have set, but leaves on the screen what they said: alternate screen, mouse reports,
/// bracketed paste, hidden cursor, and what DECSTR resets.
const RECOVER: &str = "\x1b[?1047l\x1b[?1000;1002;1003;1006;2004l\x1b[?25h\x1b[!p\x1b[0m";

/// A key of the row above a phone's keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Escape,
    Tab,
    Up,
    Down,
    Left,
    Right,
    Char(&'static str),
}

/// A handle; clones share the terminal.
#[derive(Clone)]
pub(crate) struct Screen(Rc<Inner>);

struct Inner {
    number: u8,
    terminal: Terminal6,
    fit: Fit6,
    socket: Socket,
    feed: RefCell<Feed>,
    /// The next character typed is a control character.
    ctrl: Cell<bool>,
    on_ctrl: RefCell<Callback<bool>>,
    /// The reader's size of type, in CSS pixels.
    font: Cell<u32>,
    room: RefCell<Room>,
    /// Told whether the size is another window's.
    on_borrowed: RefCell<Callback<bool>>,
    /// What was typed before the shell was asked for; `None` afterwards.
    early: RefCell<Option<String>>,
    /// Whether the server has shown the terminal since it was asked.
    has_opened: Cell<bool>,
    /// What is said when a new shell has begun.
    new_shell: Cell<&'static str>,
}

impl Screen {
    pub(super) fn new(socket: Socket, number: u8) -> Self {
        let options = TerminalOptions::new();
        options.set_font_family(FONT);
        options.set_scrollback(SCROLLBACK);
        options.set_cursor_blink(false);
        options.set_draw_bold_text_in_bright_colors(false);
        // Programs choose colours for black; a pale one on a pale ground is lifted to be legible. The binding takes whole numbers only.
        let _ = js_sys::Reflect::set(&options, &"minimumContrastRatio".into(), &contrast::LEAST.into());
        let terminal: Terminal6 = Terminal::construct(Some(&options)).unchecked_into();
        let fit: Fit6 = FitAddon::new().unchecked_into();
        let addon: &JsValue = fit.as_ref();
        terminal.load_addon(addon.clone().unchecked_into());
        let screen = Self(Rc::new(Inner {
            number,
            terminal,
            fit,
            socket,
            feed: RefCell::default(),
            ctrl: Cell::new(false),
            on_ctrl: RefCell::default(),
            font: Cell::new(SMALLEST),
            room: RefCell::default(),
            on_borrowed: RefCell::default(),
            early: RefCell::new(Some(String::new())),
            has_opened: Cell::new(false),
            new_shell: Cell::new(""),
        }));
        screen.listen();
        screen
    }

    /// Shows the terminal in an element of the page; once. `on_borrowed` is told whether its size is another window's.
    pub(super) fn mount(&self, element: HtmlElement, on_ctrl: Callback<bool>, on_borrowed: Callback<bool>) {
        self.0.on_ctrl.replace(on_ctrl);
        self.0.on_borrowed.replace(on_borrowed);
        self.0.terminal.open(element);
        self.fit();
    }

    /// Takes the terminal off the page for good.
    pub(super) fn dispose(&self) {
        self.0.terminal.unchecked_ref::<Terminal>().dispose();
    }

    /// Asks the server for this terminal's shell, after the line is there.
    pub(super) fn ask(&self) {
        self.fit();
        self.0.has_opened.set(false);
        let Grid { rows, cols } = self.0.room.borrow().own;
        self.0.socket.send(&ClientMessage::Open { terminal: self.0.number, rows, cols });
        if let Some(early) = self.0.early.take() {
            self.0.socket.type_text(self.0.number, &early);
        }
    }

    /// The server starts over; `replay` bytes of old output come first.
    pub(super) fn opened(&self, replay: u64) {
        self.0.feed.borrow_mut().opened(replay);
        // On a line that has shown one already, nothing old means a new shell.
        let is_new_shell = self.0.has_opened.replace(true) && replay == 0;
        let reset = if is_new_shell { new_shell(self.0.new_shell.get()) } else { RESET.to_owned() };
        self.0.terminal.write_in_order(&Uint8Array::from(reset.as_bytes()));
    }

    pub(super) fn output(&self, bytes: &Uint8Array) {
        let (epoch, replay) = {
            let mut feed = self.0.feed.borrow_mut();
            (feed.epoch(), feed.received(bytes.length().into()) as u32)
        };
        for part in [bytes.subarray(0, replay), bytes.subarray(replay, bytes.length())] {
            let length = part.length();
            if length > 0 {
                let this = self.clone();
                let drawn = Closure::once_into_js(move || this.drawn(epoch, length.into()));
                self.0.terminal.write_bytes(&part, drawn.unchecked_ref());
            }
        }
    }

    pub(crate) fn focus(&self) {
        self.0.terminal.focus();
    }

    pub(crate) fn set_dark(&self, dark: bool) {
        let palette = palette::palette(dark);
        self.0.terminal.options().set_theme(&palette::theme(palette));
        if let Some(element) = self.0.terminal.element() {
            contrast::apply(&element, palette);
        }
    }

    /// What a screen reader says of the terminal, and what the terminal says when a new shell has begun.
    pub(crate) fn set_words(&self, label: &str, new_shell: &'static str) {
        self.0.new_shell.set(new_shell);
        // The attribute's name is one that every element takes.
        let _ = self.0.terminal.get_textarea().set_attribute("aria-label", label);
    }

    pub(crate) fn set_screen_reader(&self, on: bool) {
        self.0.terminal.options().set_screen_reader_mode(on);
    }

    pub(crate) fn paste(&self, text: &str) {
        self.0.terminal.paste(text);
    }

    /// As if a key of a real keyboard had been pressed.
    pub(crate) fn press(&self, key: Key) {
        let lead = if self.0.terminal.modes().application_cursor_keys() { "\x1bO" } else { "\x1b[" };
        let arrow = |letter| format!("{lead}{letter}");
        self.0.terminal.input(&match key {
            Key::Escape => "\x1b".to_owned(),
            Key::Tab => "\t".to_owned(),
            Key::Up => arrow('A'),
            Key::Down => arrow('B'),
            Key::Right => arrow('C'),
            Key::Left => arrow('D'),
            Key::Char(text) => text.to_owned(),
        });
    }

    /// Makes the next character a control character, or takes that back.
    pub(crate) fn hold_ctrl(&self, held: bool) {
        self.0.ctrl.set(held);
        self.0.on_ctrl.borrow().emit(held);
    }

    fn drawn(&self, epoch: u32, bytes: u64) {
        self.follow_cursor();
        let total = self.0.feed.borrow_mut().drawn(epoch, bytes);
        if let Some(bytes) = total {
            self.0.socket.send(&ClientMessage::Drawn { terminal: self.0.number, bytes });
        }
    }

    fn typed(&self, text: String) {
        // To old output the answers were given long ago; and where several look on, one answers.
        if is_answer(&text) && (self.0.feed.borrow().muted() || !self.0.room.borrow().leads()) {
            return;
        }
        if self.0.ctrl.get() {
            self.hold_ctrl(false);
            if let [byte @ (b'@'..=b'_' | b'a'..=b'z')] = text.as_bytes() {
                self.send(&char::from(byte & 0x1f).to_string());
                return;
            }
        }
        self.send(&text);
    }

    /// Sends what was typed, as soon as there is a shell to send it to.
    fn send(&self, text: &str) {
        if let Some(early) = &mut *self.0.early.borrow_mut() {
            if early.len() + text.len() <= MAX_EARLY {
                early.push_str(text);
            }
            return;
        }
        self.0.socket.type_text(self.0.number, text);
    }

    fn key(&self, event: &KeyboardEvent) -> bool {
        let selected = self.0.terminal.has_selection();
        let owner = owner(event, selected, self.0.terminal.buffer().active().kind() == "alternate");
        if event.type_() == "keydown" {
            match owner {
                Owner::Copy => {
                    event.prevent_default();
                    clipboard::copy(self.0.terminal.get_selection(), Callback::noop());
                }
                // So that the next Ctrl+C interrupts again.
                Owner::Browser if selected => {
                    let this = self.clone();
                    Timeout::new(0, move || this.0.terminal.clear_selection()).forget();
                }
                _ => {}
            }
        }
        owner == Owner::Terminal
    }

    fn listen(&self) {
        let terminal = &self.0.terminal;
        let this = self.clone();
        let data = Closure::<dyn FnMut(String)>::new(move |text| this.typed(text)).into_js_value();
        terminal.on_data(data.unchecked_ref());
        let this = self.clone();
        let binary = Closure::<dyn FnMut(String)>::new(move |text: String| {
            let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
            if !this.0.feed.borrow().muted() {
                this.0.socket.type_bytes(this.0.number, &bytes);
            }
        })
        .into_js_value();
        terminal.on_binary(binary.unchecked_ref());
        let this = self.clone();
        let key = Closure::<dyn FnMut(KeyboardEvent) -> bool>::new(move |event| this.key(&event)).into_js_value();
        terminal.attach_custom_key_event_handler(key.unchecked_ref());
    }
}

/// What separates a new shell from what the last one left on the screen.
fn new_shell(words: &str) -> String {
    format!("{RECOVER}\r\n\x1b[2m── {words} ──\x1b[0m\r\n")
}

impl PartialEq for Screen {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("feed", &self.0.feed).finish_non_exhaustive()
    }
}
