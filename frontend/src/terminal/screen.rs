//! One terminal of the page: what the server sends is drawn, what is typed is sent.

use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};

use gloo::timers::callback::Timeout;
use js_sys::Uint8Array;
use protocol::{ClientMessage, deck::LineAddress};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlElement, KeyboardEvent};
use xterm_js_rs::{Terminal, TerminalOptions, addons::fit::FitAddon};
use yew::Callback;

use super::{
    contrast,
    feed::Feed,
    keys::{Owner, owner},
    palette,
    xterm::{Size, Terminal6},
};
use crate::{clipboard, net::Socket};

/// The page has one terminal so far.
const NUMBER: u8 = 0;

/// Lines kept above the screen.
const SCROLLBACK: u32 = 5_000;

const FONT: &str = "'JetBrains Mono Variable', 'DejaVu Sans Mono', Menlo, Consolas, monospace";

/// RIS: resets the emulator, in order with what is still being drawn.
const RESET: &[u8] = b"\x1bc";

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
    terminal: Terminal6,
    fit: FitAddon,
    socket: Socket,
    feed: RefCell<Feed>,
    /// The next character typed is a control character.
    ctrl: Cell<bool>,
    on_ctrl: RefCell<Callback<bool>>,
}

impl Screen {
    pub(crate) fn new(socket: Socket) -> Self {
        let options = TerminalOptions::new();
        options.set_font_family(FONT);
        options.set_scrollback(SCROLLBACK);
        options.set_cursor_blink(false);
        options.set_draw_bold_text_in_bright_colors(false);
        // Programs choose colours for black; a pale one on a pale ground is lifted to be legible. The binding takes whole numbers only.
        let _ = js_sys::Reflect::set(&options, &"minimumContrastRatio".into(), &contrast::LEAST.into());
        let terminal: Terminal6 = Terminal::construct(Some(&options)).unchecked_into();
        let fit = FitAddon::new();
        let addon: &JsValue = fit.as_ref();
        terminal.load_addon(addon.clone().unchecked_into());
        let screen = Self(Rc::new(Inner {
            terminal,
            fit,
            socket,
            feed: RefCell::default(),
            ctrl: Cell::new(false),
            on_ctrl: RefCell::default(),
        }));
        screen.listen();
        screen
    }

    /// Shows the terminal in an element of the page; once.
    pub(crate) fn mount(&self, element: HtmlElement, on_ctrl: Callback<bool>) {
        self.0.on_ctrl.replace(on_ctrl);
        self.0.terminal.open(element);
        self.fit();
    }

    /// Takes the terminal off the page for good.
    pub(crate) fn dispose(&self) {
        self.0.terminal.unchecked_ref::<Terminal>().dispose();
    }

    /// Asks the server for this terminal's shell, after the line is there.
    pub(crate) fn ask(&self) {
        self.fit();
        let (rows, cols) = self.size();
        self.0.socket.send(&ClientMessage::Open { terminal: NUMBER, rows, cols });
    }

    /// The server starts over; `replay` bytes of old output come first.
    pub(crate) fn opened(&self, terminal: u8, replay: u64) {
        if terminal == NUMBER {
            self.0.feed.borrow_mut().opened(replay);
            self.0.terminal.write_in_order(&Uint8Array::from(RESET));
        }
    }

    pub(crate) fn output(&self, terminal: u8, bytes: &Uint8Array) {
        if terminal != NUMBER {
            return;
        }
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

    /// Has the server type a line of the deck. Whether there was a line to ask it on.
    pub(crate) fn run(&self, line: LineAddress) -> bool {
        self.0.socket.send(&ClientMessage::Run { terminal: NUMBER, line })
    }

    /// Makes rows and columns what the element has room for.
    pub(crate) fn fit(&self) {
        // Hidden on a phone it has no room; its size then stays.
        if self.0.terminal.element().is_some_and(|element| element.offset_width() > 0) {
            self.0.fit.fit();
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

    pub(crate) fn set_font_size(&self, px: u32) {
        self.0.terminal.options().set_font_size(px);
        self.fit();
    }

    /// What a screen reader says of the terminal.
    pub(crate) fn set_label(&self, label: &str) {
        // The attribute's name is one that every element takes.
        let _ = self.0.terminal.get_textarea().set_attribute("aria-label", label);
    }

    pub(crate) fn set_screen_reader(&self, on: bool) {
        self.0.terminal.options().set_screen_reader_mode(on);
    }

    /// Measures the type again, after the font has come.
    pub(crate) fn font_has_come(&self) {
        let options = self.0.terminal.options();
        options.set_font_family("monospace");
        options.set_font_family(FONT);
        self.fit();
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

    fn size(&self) -> (u16, u16) {
        let bound = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
        (bound(self.0.terminal.get_rows()), bound(self.0.terminal.get_cols()))
    }

    fn drawn(&self, epoch: u32, bytes: u64) {
        let total = self.0.feed.borrow_mut().drawn(epoch, bytes);
        if let Some(bytes) = total {
            self.0.socket.send(&ClientMessage::Drawn { terminal: NUMBER, bytes });
        }
    }

    fn typed(&self, text: String) {
        if self.0.feed.borrow().muted() {
            return;
        }
        if self.0.ctrl.get() {
            self.hold_ctrl(false);
            if let [byte @ (b'@'..=b'_' | b'a'..=b'z')] = text.as_bytes() {
                self.0.socket.type_bytes(NUMBER, &[byte & 0x1f]);
                return;
            }
        }
        self.0.socket.type_text(NUMBER, &text);
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
                this.0.socket.type_bytes(NUMBER, &bytes);
            }
        })
        .into_js_value();
        terminal.on_binary(binary.unchecked_ref());
        let this = self.clone();
        let resize = Closure::<dyn FnMut(Size)>::new(move |size: Size| {
            this.0.socket.send(&ClientMessage::Resize { terminal: NUMBER, rows: size.rows(), cols: size.cols() });
        })
        .into_js_value();
        terminal.on_resize(resize.unchecked_ref());
        let this = self.clone();
        let key = Closure::<dyn FnMut(KeyboardEvent) -> bool>::new(move |event| this.key(&event)).into_js_value();
        terminal.attach_custom_key_event_handler(key.unchecked_ref());
    }
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
