//! What a deck's author should know: nothing of it keeps the deck from being shown.

/// One remark on a line of the deck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// From 1.
    pub line: usize,
    pub message: String,
}

/// A broken deck could have one for each line: nobody reads more than these.
const MAX_REMARKS: usize = 200;

/// Remarks as they are found.
#[derive(Debug, Default)]
pub(super) struct Remarks(Vec<Remark>);

impl Remarks {
    pub(super) fn add(&mut self, line: usize, message: impl Into<String>) {
        if self.0.len() < MAX_REMARKS {
            self.0.push(Remark { line, message: message.into() });
        }
    }

    /// In the deck's order.
    pub(super) fn into_sorted(mut self) -> Vec<Remark> {
        self.0.sort_by_key(|remark| remark.line);
        self.0
    }

    #[cfg(test)]
    pub(super) fn lines(&self) -> Vec<usize> {
        self.0.iter().map(|remark| remark.line).collect()
    }
}
