//! Where one is in a deck, and the moves from there. As in reveal.js: right and left go along the `---` slides, down and
//! up along the `+++` slides, and all of them go through a slide's steps first.

use protocol::Deck;
use protocol::deck::Slide;

/// A place in a deck.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) h: usize,
    pub(crate) v: usize,
    /// 0: no step yet, the whole slide in the light. Then 1 to the number of steps.
    pub(crate) step: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// In order, through everything.
    Next,
    Previous,
    Right,
    Left,
    Down,
    Up,
    First,
    Last,
}

impl Position {
    /// Reads `#/h/v/step` (the step from 0, as reveal.js writes it); what the deck doesn't have becomes the nearest that it has.
    pub(crate) fn from_hash(hash: &str, deck: &Deck) -> Self {
        let mut parts = hash.trim_start_matches('#').trim_matches('/').split('/').map(|part| part.parse().ok());
        let mut number = || parts.next().flatten();
        let h = number().unwrap_or(0);
        let v = number().unwrap_or(0);
        let step = number().map_or(0, |step: usize| step.saturating_add(1));
        Self { h, v, step }.within(deck)
    }

    pub(crate) fn to_hash(self) -> String {
        match self.step {
            0 => format!("#/{}/{}", self.h, self.v),
            step => format!("#/{}/{}/{}", self.h, self.v, step - 1),
        }
    }

    /// `None` in a deck without slides.
    pub(crate) fn slide(self, deck: &Deck) -> Option<&Slide> {
        deck.slides.get(self.h)?.get(self.v)
    }

    pub(crate) fn same_slide(self, other: Self) -> bool {
        (self.h, self.v) == (other.h, other.v)
    }

    /// Which slide of the deck this is, from 1, and how many there are.
    pub(crate) fn ordinal(self, deck: &Deck) -> (usize, usize) {
        let before: usize = deck.slides.iter().take(self.h).map(Vec::len).sum();
        (before + self.v + 1, deck.slides.iter().map(Vec::len).sum())
    }

    /// Where a move leads; the same place if there is nothing that way.
    pub(crate) fn after(self, go: Move, deck: &Deck) -> Self {
        let steps = self.slide(deck).map_or(0, |slide| slide.steps.len());
        match go {
            Move::First => Self::default(),
            Move::Last => Self { h: usize::MAX, v: usize::MAX, step: 0 }.within(deck),
            Move::Next | Move::Right | Move::Down if self.step < steps => Self { step: self.step + 1, ..self },
            Move::Previous | Move::Left | Move::Up if self.step > 0 => Self { step: self.step - 1, ..self },
            Move::Next => self.below(deck).or_else(|| self.right(deck)).unwrap_or(self),
            Move::Right => self.right(deck).unwrap_or(self),
            Move::Down => self.below(deck).unwrap_or(self),
            Move::Previous if self.v == 0 && self.h > 0 => {
                Self { h: self.h - 1, v: usize::MAX, step: usize::MAX }.within(deck)
            }
            Move::Previous | Move::Up if self.v > 0 => Self { v: self.v - 1, step: usize::MAX, ..self }.within(deck),
            Move::Left if self.h > 0 => Self { h: self.h - 1, v: 0, step: 0 },
            Move::Previous | Move::Up | Move::Left => self,
        }
    }

    fn right(self, deck: &Deck) -> Option<Self> {
        (self.h + 1 < deck.slides.len()).then_some(Self { h: self.h + 1, v: 0, step: 0 })
    }

    fn below(self, deck: &Deck) -> Option<Self> {
        let stack = deck.slides.get(self.h)?;
        (self.v + 1 < stack.len()).then_some(Self { h: self.h, v: self.v + 1, step: 0 })
    }

    fn within(self, deck: &Deck) -> Self {
        let h = self.h.min(deck.slides.len().saturating_sub(1));
        let stack = deck.slides.get(h).map_or(0, Vec::len);
        let v = self.v.min(stack.saturating_sub(1));
        let at = Self { h, v, step: 0 };
        Self { step: self.step.min(at.slide(deck).map_or(0, |slide| slide.steps.len())), ..at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::deck::Step;

    /// `---` slides of 1, 3 and 1 slides; the second of the stack has two steps.
    fn deck() -> Deck {
        let mut slides = vec![vec![Slide::default()], vec![Slide::default(); 3], vec![Slide::default()]];
        slides[1][1].steps = vec![Step { lines: vec![(1, 1)], caption: vec![] }; 2];
        Deck { slides, ..Deck::default() }
    }

    fn at(h: usize, v: usize, step: usize) -> Position {
        Position { h, v, step }
    }

    #[test]
    fn next_visits_every_slide_and_step_in_order_and_stays_at_the_end() {
        let deck = deck();
        let mut way = vec![Position::default()];
        while let Some(here) = way.last().copied() {
            let next = here.after(Move::Next, &deck);
            if next == here {
                break;
            }
            way.push(next);
        }
        assert_eq!(way, [at(0, 0, 0), at(1, 0, 0), at(1, 1, 0), at(1, 1, 1), at(1, 1, 2), at(1, 2, 0), at(2, 0, 0)]);
    }

    #[test]
    fn previous_lands_on_the_last_step() {
        let deck = deck();
        assert_eq!(at(1, 2, 0).after(Move::Previous, &deck), at(1, 1, 2));
        assert_eq!(at(2, 0, 0).after(Move::Previous, &deck), at(1, 2, 0));
        assert_eq!(at(0, 0, 0).after(Move::Previous, &deck), at(0, 0, 0));
    }

    #[test]
    fn right_and_left_skip_the_stack_but_not_the_steps() {
        let deck = deck();
        assert_eq!(at(1, 0, 0).after(Move::Right, &deck), at(2, 0, 0));
        assert_eq!(at(1, 1, 0).after(Move::Right, &deck), at(1, 1, 1));
        assert_eq!(at(1, 1, 2).after(Move::Right, &deck), at(2, 0, 0));
        assert_eq!(at(1, 2, 0).after(Move::Left, &deck), at(0, 0, 0));
        assert_eq!(at(0, 0, 0).after(Move::Left, &deck), at(0, 0, 0));
    }

    #[test]
    fn down_and_up_stay_within_the_stack() {
        let deck = deck();
        assert_eq!(at(1, 2, 0).after(Move::Down, &deck), at(1, 2, 0));
        assert_eq!(at(1, 0, 0).after(Move::Up, &deck), at(1, 0, 0));
        assert_eq!(at(1, 1, 0).after(Move::Up, &deck), at(1, 0, 0));
    }

    #[test]
    fn addresses_are_read_as_written_and_bounded_by_the_deck() {
        let deck = deck();
        for here in [at(0, 0, 0), at(1, 1, 0), at(1, 1, 2), at(2, 0, 0)] {
            assert_eq!(Position::from_hash(&here.to_hash(), &deck), here);
        }
        assert_eq!(Position::from_hash("#/1", &deck), at(1, 0, 0));
        assert_eq!(Position::from_hash("#/99/99/99", &deck), at(2, 0, 0));
        assert_eq!(Position::from_hash("#/1/1/18446744073709551615", &deck), at(1, 1, 2));
        assert_eq!(Position::from_hash("#/kaese", &deck), at(0, 0, 0));
        assert_eq!(Position::from_hash("", &Deck::default()), at(0, 0, 0));
    }

    #[test]
    fn slides_are_counted_through_the_stacks() {
        assert_eq!(at(1, 1, 0).ordinal(&deck()), (3, 5));
        assert_eq!(at(0, 0, 0).after(Move::Last, &deck()).ordinal(&deck()), (5, 5));
    }
}
