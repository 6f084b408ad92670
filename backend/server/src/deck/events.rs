//! CommonMark's events, with the place where each was found.

use super::Remarks;
use pulldown_cmark::{Event, Options, Parser};
use std::ops::Range;

/// Deeper lists, quotations and emphasis are flattened to their text: whatever walks a deck later may recurse.
pub(super) const MAX_DEPTH: usize = 12;

pub(super) struct Events<'a, 'r> {
    inner: Box<dyn Iterator<Item = (Event<'a>, Range<usize>)> + 'a>,
    text: &'a str,
    /// Number of `text`'s first line in the file.
    first_line: usize,
    /// Where the last event began.
    offset: usize,
    remarks: &'r mut Remarks,
}

impl<'a, 'r> Events<'a, 'r> {
    pub(super) fn new(text: &'a str, first_line: usize, remarks: &'r mut Remarks) -> Self {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let inner = Box::new(Parser::new_ext(text, options).into_offset_iter());
        Self { inner, text, first_line, offset: 0, remarks }
    }

    /// A remark on the line of the last event.
    pub(super) fn remark(&mut self, message: impl Into<String>) {
        let before = self.text.get(..self.offset).unwrap_or_default();
        self.remarks.add(self.first_line + before.matches('\n').count(), message);
    }

    /// The text of what was just begun, without its markup, up to its end.
    pub(super) fn plain_text(&mut self) -> String {
        let mut text = String::new();
        let mut depth = 0usize;
        for event in self.by_ref() {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => break,
                Event::End(_) => depth -= 1,
                Event::Text(part) | Event::Code(part) => text.push_str(&part),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                _ => {}
            }
        }
        text
    }
}

impl<'a> Iterator for Events<'a, '_> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        let (event, range) = self.inner.next()?;
        self.offset = range.start;
        Some(event)
    }
}
