//! The keys of the page, as reveal.js and GitPitch have them.

use super::Move;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// What a key asks of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Go(Move),
    Contents,
    /// Close what is open; if nothing is, show the contents.
    Escape,
    Help,
    /// To the next terminal, or the one before.
    Terminal {
        back: bool,
    },
    /// To the next part of the page, or the one before.
    Region {
        back: bool,
    },
}

/// What the key asks; `None` if it belongs to what has the focus.
pub(crate) fn command(event: &KeyboardEvent) -> Option<Command> {
    let (ctrl, alt, shift) = (event.ctrl_key(), event.alt_key(), event.shift_key());
    let key = event.key();
    match key.as_str() {
        "F6" => return Some(Command::Region { back: shift }),
        "ArrowRight" if ctrl && alt => return Some(Command::Go(Move::Next)),
        "ArrowLeft" if ctrl && alt => return Some(Command::Go(Move::Previous)),
        "ArrowDown" if ctrl && alt => return Some(Command::Go(Move::Down)),
        "ArrowUp" if ctrl && alt => return Some(Command::Go(Move::Up)),
        "PageDown" if ctrl && alt => return Some(Command::Terminal { back: false }),
        "PageUp" if ctrl && alt => return Some(Command::Terminal { back: true }),
        _ => {}
    }
    if ctrl || alt || event.meta_key() || event.default_prevented() {
        return None;
    }
    let focus = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |selector: &str| focus.as_ref().is_some_and(|e| e.closest(selector).is_ok_and(|found| found.is_some()));
    // What the terminal leaves to the page is a clicker's.
    match key.as_str() {
        "PageDown" if !shift && within(".xterm") => return Some(Command::Go(Move::Next)),
        "PageUp" if !shift && within(".xterm") => return Some(Command::Go(Move::Previous)),
        _ => {}
    }
    if within("input, textarea, select, dialog, [popover], .xterm, [role=separator]") {
        return None;
    }
    let pressable = within("button, a");
    // The arrows scroll a wide table that has the focus.
    let scrollable = within(".scroll-x, .pier-details");
    Some(match key.as_str() {
        " " | "Enter" if pressable => return None,
        " " if shift => Command::Go(Move::Previous),
        " " | "PageDown" | "n" | "N" => Command::Go(Move::Next),
        "PageUp" | "p" | "P" => Command::Go(Move::Previous),
        "ArrowRight" if !scrollable => Command::Go(Move::Right),
        "ArrowLeft" if !scrollable => Command::Go(Move::Left),
        "ArrowDown" if !scrollable => Command::Go(Move::Down),
        "ArrowUp" if !scrollable => Command::Go(Move::Up),
        "Home" => Command::Go(Move::First),
        "End" => Command::Go(Move::Last),
        "o" | "O" => Command::Contents,
        "Escape" => Command::Escape,
        "?" => Command::Help,
        _ => return None,
    })
}
