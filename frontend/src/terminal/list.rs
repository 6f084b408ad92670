//! Which terminals there are, and which of them is in front.

use protocol::message::MAX_TERMINALS;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TerminalList {
    /// In order; never empty.
    open: Vec<u8>,
    current: u8,
    /// One that the server has not told of yet.
    new: Option<u8>,
}

impl Default for TerminalList {
    /// Until the server tells.
    fn default() -> Self {
        Self { open: vec![0], current: 0, new: None }
    }
}

impl TerminalList {
    pub(crate) fn open(&self) -> &[u8] {
        &self.open
    }

    pub(crate) fn current(&self) -> u8 {
        self.current
    }

    /// Whether there is room for another.
    pub(crate) fn has_room(&self) -> bool {
        self.open.len() < usize::from(MAX_TERMINALS)
    }

    /// The server tells which there are.
    pub(crate) fn told(&self, open: &[u8]) -> Self {
        let new = self.new.filter(|new| !open.contains(new));
        let mut open: Vec<u8> = open.iter().copied().chain(new).collect();
        open.sort_unstable();
        let before = open.iter().rfind(|&&terminal| terminal <= self.current).or(open.first()).copied();
        Self { current: before.unwrap_or(self.current), open, new }
    }

    /// Another one, in front; the same list if there is no room.
    pub(crate) fn with_new(&self) -> Self {
        let Some(new) = (0..MAX_TERMINALS).find(|terminal| !self.open.contains(terminal)) else { return self.clone() };
        Self { current: new, new: Some(new), ..self.clone() }.told(&self.open)
    }

    /// With another one in front.
    pub(crate) fn choose(&self, terminal: u8) -> Self {
        let there = self.open.contains(&terminal);
        Self { current: if there { terminal } else { self.current }, ..self.clone() }
    }

    /// The one after the current, or before it, round and round.
    pub(crate) fn beside(&self, back: bool) -> u8 {
        let here = self.open.iter().position(|&terminal| terminal == self.current).unwrap_or_default();
        let count = self.open.len();
        let next = if back { here + count - 1 } else { here + 1 } % count;
        self.open.get(next).copied().unwrap_or(self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_one_takes_the_lowest_free_number_and_stays_until_the_server_tells_of_it() {
        let list = TerminalList::default().told(&[0, 2]).with_new();
        assert_eq!((list.open(), list.current()), (&[0, 1, 2][..], 1));
        // A change that was on its way when it was made.
        let list = list.told(&[0, 2]);
        assert_eq!((list.open(), list.current()), (&[0, 1, 2][..], 1));
        let list = list.told(&[0, 1, 2]).told(&[0, 2]);
        assert_eq!((list.open(), list.current()), (&[0, 2][..], 0), "somebody has closed it");
    }

    #[test]
    fn there_are_only_so_many() {
        let full = TerminalList::default().told(&[0, 1, 2, 3, 4]);
        assert!(!full.has_room());
        assert_eq!(full.with_new(), full);
    }

    #[test]
    fn the_one_in_front_is_always_there() {
        let list = TerminalList::default().told(&[1, 3]);
        assert_eq!(list.current(), 1);
        assert_eq!(list.choose(3).told(&[1]).current(), 1);
        assert_eq!(list.choose(4), list);
        assert_eq!((list.beside(false), list.beside(true)), (3, 3));
        assert_eq!(list.choose(3).beside(false), 1);
    }
}
