//! The page's terminals: those that have been looked at.

use super::Screen;
use crate::net::Socket;
use js_sys::Uint8Array;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use web_sys::HtmlElement;
use yew::Callback;

/// A handle; clones share the terminals.
#[derive(Clone)]
pub(crate) struct Screens(Rc<Inner>);

struct Inner {
    socket: Socket,
    screens: RefCell<BTreeMap<u8, Screen>>,
    /// Whether the server has told on this line which terminals there are: they can be asked for.
    ready: Cell<bool>,
}

impl Screens {
    pub(crate) fn new(socket: Socket) -> Self {
        Self(Rc::new(Inner { socket, screens: RefCell::default(), ready: Cell::new(false) }))
    }

    /// The terminal of that number, made the first time.
    pub(crate) fn get(&self, terminal: u8) -> Screen {
        let make = || Screen::new(self.0.socket.clone(), terminal);
        self.0.screens.borrow_mut().entry(terminal).or_insert_with(make).clone()
    }

    /// The terminal of that number, if it has been looked at.
    pub(crate) fn find(&self, terminal: u8) -> Option<Screen> {
        self.0.screens.borrow().get(&terminal).cloned()
    }

    pub(crate) fn output(&self, terminal: u8, bytes: &Uint8Array) {
        if let Some(screen) = self.find(terminal) {
            screen.output(bytes);
        }
    }

    /// The server starts over with a terminal; `replay` bytes of old output come first.
    pub(crate) fn opened(&self, terminal: u8, replay: u64) {
        if let Some(screen) = self.find(terminal) {
            screen.opened(replay);
        }
    }

    /// The server tells a terminal's size; `leads` if it is this window's.
    pub(crate) fn sized(&self, terminal: u8, rows: u16, cols: u16, leads: bool) {
        if let Some(screen) = self.find(terminal) {
            screen.sized(rows, cols, leads);
        }
    }

    /// Shows a terminal in an element of the page; once.
    pub(super) fn mount(
        &self,
        screen: &Screen,
        element: HtmlElement,
        on_ctrl: Callback<bool>,
        on_borrowed: Callback<bool>,
    ) {
        screen.mount(element, on_ctrl, on_borrowed);
        if self.0.ready.get() {
            screen.ask();
        }
    }

    /// There is no line any more, or another one.
    pub(crate) fn wait(&self) {
        self.0.ready.set(false);
    }

    /// The server tells which terminals there are: for the first time on a line, their shells are asked for.
    pub(crate) fn told(&self, open: &[u8]) {
        if !self.0.ready.replace(true) {
            self.retain(open);
            let screens: Vec<Screen> = self.0.screens.borrow().values().cloned().collect();
            screens.iter().for_each(Screen::ask);
        }
    }

    /// Takes all but these off the page.
    pub(crate) fn retain(&self, kept: &[u8]) {
        let gone = |number: &u8, _: &mut Screen| !kept.contains(number);
        let gone: Vec<(u8, Screen)> = self.0.screens.borrow_mut().extract_if(.., gone).collect();
        gone.iter().for_each(|(_, screen)| screen.dispose());
    }
}

impl PartialEq for Screens {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Screens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screens").field("screens", &self.0.screens).finish_non_exhaustive()
    }
}
