//! How large a terminal is drawn: as large as its element has room for, unless somebody types in another window that has room for
//! something else. Then it has that window's size, in type small enough to show all of it.

/// Rows and columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) rows: u16,
    pub(super) cols: u16,
}

/// Smallest type of a terminal that has another window's size, in CSS pixels. Below that one scrolls.
pub(super) const SMALLEST: u32 = 9;

#[derive(Debug, Default)]
pub(super) struct Room {
    /// What there is room for in the reader's own size of type.
    pub(super) own: Grid,
    /// What the server has told of another window's size.
    others: Option<Grid>,
}

impl Room {
    /// The server tells the size; `leads` if it is this window's.
    pub(super) fn told(&mut self, size: Grid, leads: bool) {
        self.others = (!leads).then_some(size);
    }

    /// What another window has room for, if that is something else.
    pub(super) fn borrowed(&self) -> Option<Grid> {
        self.others.filter(|&others| others != self.own)
    }

    /// Whether answers to what programs ask of the terminal are this window's to give.
    pub(super) fn leads(&self) -> bool {
        self.others.is_none()
    }

    pub(super) fn grid(&self) -> Grid {
        self.borrowed().unwrap_or(self.own)
    }

    /// The type in which all of [`Self::grid`] should have room, for readers whose own is of `font` CSS pixels.
    pub(super) fn font(&self, font: u32) -> u32 {
        let Grid { rows, cols } = self.grid();
        let share = |room: u16, needed: u16| f64::from(room) / f64::from(needed.max(1));
        let share = share(self.own.rows, rows).min(share(self.own.cols, cols)).min(1.0);
        ((f64::from(font) * share) as u32).max(SMALLEST.min(font))
    }
}

/// Whether the terminal says that by itself, asked by a program: where the cursor is, what it can do, which colours it has.
pub(super) fn is_answer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('\x1b') else { return false };
    match rest.strip_prefix('[') {
        None => rest.starts_with(['P', ']']),
        Some("I" | "O") => true,
        Some(rest) => {
            let ends = rest.ends_with(['c', 'R', 'n', 't', 'y']);
            let middle = rest.trim_start_matches(['?', '>', '=']);
            ends && middle.chars().rev().skip(1).all(|c| c.is_ascii_digit() || matches!(c, ';' | '$'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: u16, cols: u16) -> Grid {
        Grid { rows, cols }
    }

    #[test]
    fn another_windows_size_is_borrowed_while_somebody_types_there() {
        let mut room = Room { own: grid(40, 100), others: None };
        assert!(room.leads() && room.borrowed().is_none());
        room.told(grid(20, 140), false);
        assert_eq!((room.leads(), room.borrowed(), room.font(14)), (false, Some(grid(20, 140)), 10));
        room.told(grid(20, 50), false);
        assert_eq!((room.grid(), room.font(14)), (grid(20, 50), 14), "type doesn't grow");
        room.told(grid(40, 100), false);
        assert_eq!((room.leads(), room.borrowed()), (false, None));
        room.told(grid(20, 50), true);
        assert_eq!(room.grid(), grid(40, 100), "this window's own is on its way");
        room.told(grid(500, 1000), false);
        assert_eq!(room.font(14), SMALLEST);
    }

    #[test]
    fn answers_are_told_from_keys() {
        for answer in [
            "\x1b[24;80R",
            "\x1b[?1;2c",
            "\x1b[>0;276;0c",
            "\x1b[0n",
            "\x1b[?2026;2$y",
            "\x1b]11;rgb:0/0/0\x1b\\",
            "\x1bP1$r0m\x1b\\",
            "\x1b[I",
        ] {
            assert!(is_answer(answer), "{answer:?}");
        }
        for keys in [
            "",
            "c",
            "\x1b",
            "\x1b[A",
            "\x1bOA",
            "\x1b[5~",
            "\x1b[<0;3;4M",
            "\x1b[200~text\x1b[201~",
            "\x1b[Z",
            "\x1bc",
        ] {
            assert!(!is_answer(keys), "{keys:?}");
        }
    }
}
