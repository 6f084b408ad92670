//! What the server has told of places and lines, and what of it concerns the slide.

use protocol::deck::LineAddress;
use protocol::place::{LineState, Obstacle, Place};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::Reducible;

/// What is known now.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Runs {
    places: BTreeMap<u8, Place>,
    /// Each with its terminal.
    lines: Vec<(LineAddress, u8, LineState)>,
    /// The line that was pressed on this page, and not answered yet. Another tab's page has its own.
    pressed: Option<(u8, LineAddress)>,
    asking: Option<Asking>,
    /// The line that was pressed here and typed last, with a number that no other has.
    typed: Option<(u32, u8, LineAddress)>,
}

/// A line that was not typed, and about which the reader is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asking {
    pub(crate) terminal: u8,
    pub(crate) line: LineAddress,
    pub(crate) obstacle: Obstacle,
}

/// What has happened.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Place(u8, Place),
    Line(u8, LineAddress, LineState),
    /// A terminal begins anew: what is known of one of its number is of another.
    Begins(u8),
    /// The reader has pressed a line.
    Pressed(u8, LineAddress),
    /// The reader wants none of what was offered.
    Closed,
    /// Another slide is shown now.
    Slide(u32, u32),
    /// The line to the server broke: what waited there may be gone.
    Offline,
}

impl Reducible for Runs {
    type Action = Told;

    fn reduce(self: Rc<Self>, told: Told) -> Rc<Self> {
        let mut next = (*self).clone();
        match told {
            Told::Place(terminal, place) => next.place_changed(terminal, place),
            Told::Line(terminal, line, state) => next.line_changed(terminal, line, state),
            Told::Pressed(terminal, line) => (next.pressed, next.asking) = (Some((terminal, line)), None),
            Told::Begins(terminal) => drop(next.places.remove(&terminal)),
            Told::Closed => next.asking = None,
            Told::Slide(h, v) => {
                next.asking = None;
                next.lines.retain(|(line, _, state)| (line.h, line.v) == (h, v) || goes_on(state));
            }
            Told::Offline => {
                (next.pressed, next.asking) = (None, None);
                next.places.clear();
                next.lines.retain(|(_, _, state)| !goes_on(state));
            }
        }
        if next == *self { self } else { Rc::new(next) }
    }
}

impl Runs {
    pub(crate) fn place(&self, terminal: u8) -> &Place {
        self.places.get(&terminal).unwrap_or(&Place::Unknown)
    }

    /// Whether the server has told of that terminal.
    pub(crate) fn knows(&self, terminal: u8) -> bool {
        self.places.contains_key(&terminal)
    }

    /// How a line is doing, and in which terminal.
    pub(crate) fn line(&self, line: LineAddress) -> Option<(u8, &LineState)> {
        self.lines.iter().find(|(known, ..)| *known == line).map(|(_, terminal, state)| (*terminal, state))
    }

    /// What is to be asked about this line.
    pub(crate) fn asking(&self, line: LineAddress) -> Option<&Asking> {
        self.asking.as_ref().filter(|asking| asking.line == line)
    }

    /// The line that was pressed on this page and typed last; the number tells one time from the next.
    pub(crate) fn typed(&self) -> Option<(u32, u8, LineAddress)> {
        self.typed
    }

    fn place_changed(&mut self, terminal: u8, place: Place) {
        if let Some(Asking { obstacle: Obstacle::Elsewhere { place: asked }, terminal: about, .. }) = &mut self.asking
            && *about == terminal
        {
            *asked = place.clone();
        }
        self.places.insert(terminal, place);
    }

    fn line_changed(&mut self, terminal: u8, line: LineAddress, state: LineState) {
        self.lines.retain(|(known, ..)| *known != line);
        let asked = self.pressed == Some((terminal, line));
        if asked && state != LineState::Waiting {
            self.pressed = None;
        }
        if asked && matches!(state, LineState::Running | LineState::Done { .. }) {
            let count = self.typed.map_or(0, |(count, ..)| count.wrapping_add(1));
            self.typed = Some((count, terminal, line));
        }
        match state {
            LineState::Held { obstacle } => {
                if asked {
                    self.asking = Some(Asking { terminal, line, obstacle });
                }
            }
            LineState::Cancelled => {}
            state => self.lines.push((line, terminal, state)),
        }
    }
}

fn goes_on(state: &LineState) -> bool {
    matches!(state, LineState::Waiting | LineState::Running)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: LineAddress = LineAddress { h: 4, v: 1, block: 0, line: 2 };

    fn after(told: impl IntoIterator<Item = Told>) -> Rc<Runs> {
        told.into_iter().fold(Rc::default(), Runs::reduce)
    }

    fn held() -> Told {
        Told::Line(0, LINE, LineState::Held { obstacle: Obstacle::Elsewhere { place: Place::Prompt } })
    }

    #[test]
    fn only_who_pressed_a_line_is_asked() {
        assert_eq!(after([held()]).asking(LINE), None);
        let asked = after([Told::Pressed(0, LINE), Told::Line(0, LINE, LineState::Waiting), held()]);
        assert!(asked.asking(LINE).is_some() && asked.line(LINE).is_none());
        assert_eq!(asked.reduce(Told::Closed).asking(LINE), None);
    }

    #[test]
    fn what_is_asked_follows_the_terminal() {
        let busy = Place::Busy { command: "sleep 9".to_owned() };
        let asked = after([Told::Pressed(0, LINE), held(), Told::Place(1, busy.clone()), Told::Place(0, busy.clone())]);
        let expected = Some(Obstacle::Elsewhere { place: busy });
        assert_eq!(asked.asking(LINE).map(|asking| asking.obstacle.clone()), expected);
    }

    #[test]
    fn an_end_is_shown_until_the_slide_is_left() {
        let done = LineState::Done { exit_code: Some(1) };
        let runs =
            after([Told::Line(0, LINE, LineState::Running), Told::Line(0, LINE, done.clone()), Told::Slide(4, 1)]);
        assert_eq!(runs.line(LINE), Some((0, &done)));
        assert_eq!(runs.reduce(Told::Slide(4, 2)).line(LINE), None);
        let waits = after([Told::Line(0, LINE, LineState::Waiting), Told::Slide(4, 2)]);
        assert!(waits.line(LINE).is_some());
        assert_eq!(waits.reduce(Told::Offline).line(LINE), None);
    }
}
