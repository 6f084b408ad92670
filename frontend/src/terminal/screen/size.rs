//! How large the terminal is drawn, and in which type.

use super::{FONT, Screen};
use crate::terminal::room::{Grid, SMALLEST};
use protocol::ClientMessage;

impl Screen {
    /// The server tells the terminal's size; `leads` if it is this window's.
    pub(in crate::terminal) fn sized(&self, rows: u16, cols: u16, leads: bool) {
        self.0.room.borrow_mut().told(Grid { rows, cols }, leads);
        self.fit();
    }

    /// Makes rows and columns what the element has room for, or what another window has where somebody types.
    pub(crate) fn fit(&self) {
        // Hidden it has no room; its size then stays.
        if self.0.terminal.element().is_none_or(|element| element.offset_width() == 0) {
            return;
        }
        let (terminal, font) = (&self.0.terminal, self.0.font.get());
        terminal.options().set_font_size(font);
        let Some(own) = self.proposed() else { return };
        let is_asked = self.0.early.borrow().is_none();
        if std::mem::replace(&mut self.0.room.borrow_mut().own, own) != own && is_asked {
            self.0.socket.send(&ClientMessage::Resize { terminal: self.0.number, rows: own.rows, cols: own.cols });
        }
        let (grid, borrowed, smaller) = {
            let room = self.0.room.borrow();
            (room.grid(), room.borrowed().is_some(), room.font(font))
        };
        let has_room = |for_it: Grid| for_it.rows >= grid.rows && for_it.cols >= grid.cols;
        // Cells are whole pixels, so that type may have to be smaller than its share.
        for size in (SMALLEST.min(smaller)..=smaller).rev().filter(|_| borrowed) {
            terminal.options().set_font_size(size);
            if self.proposed().is_none_or(has_room) {
                break;
            }
        }
        terminal.resize(grid.cols.into(), grid.rows.into());
        self.0.on_borrowed.borrow().emit(borrowed);
    }

    pub(crate) fn set_font_size(&self, px: u32) {
        self.0.font.set(px);
        self.fit();
    }

    /// Measures the type again, after the font has come.
    pub(crate) fn font_has_come(&self) {
        let options = self.0.terminal.options();
        options.set_font_family("monospace");
        options.set_font_family(FONT);
        self.fit();
    }

    /// Too large to be seen at once, another window's terminal is seen where the cursor is.
    pub(super) fn follow_cursor(&self) {
        if self.0.room.borrow().borrowed().is_some() {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
            self.0.terminal.get_textarea().scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// What there is room for in the type that is set.
    fn proposed(&self) -> Option<Grid> {
        let size = self.0.fit.propose()?;
        Some(Grid { rows: size.rows() as u16, cols: size.cols() as u16 }).filter(|grid| grid.rows > 0 && grid.cols > 0)
    }
}
