//! Whose key it is. All belong to the terminal but F6 and Ctrl+Alt with an arrow or a page key, which lead out, those that copy and
//! paste, and page up and down, which a presenter's clicker sends, unless a program fills the screen: an editor or a pager turns its
//! own pages.

use web_sys::KeyboardEvent;

/// What to do with a key that was pressed in the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Terminal,
    /// The page listens for it.
    Page,
    /// The browser copies or pastes.
    Browser,
    /// The browser wouldn't copy on this one: we do.
    Copy,
}

/// `filled`: by a program, on the alternate screen.
pub(super) fn owner(event: &KeyboardEvent, something_selected: bool, filled: bool) -> Owner {
    let (ctrl, alt, shift, meta) = (event.ctrl_key(), event.alt_key(), event.shift_key(), event.meta_key());
    match event.key().as_str() {
        "F6" => Owner::Page,
        "PageUp" | "PageDown" if !(filled || ctrl || alt || shift || meta) => Owner::Page,
        "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "PageUp" | "PageDown" if ctrl && alt => Owner::Page,
        "v" | "V" if (ctrl || meta) && !alt => Owner::Browser,
        "Insert" if shift || (ctrl && something_selected) => Owner::Browser,
        "c" if (ctrl || meta) && !alt && something_selected => Owner::Browser,
        "C" if ctrl && shift && !alt => Owner::Copy,
        _ => Owner::Terminal,
    }
}
