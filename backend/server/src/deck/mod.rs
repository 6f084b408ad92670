//! Decks: GitPitch's Markdown in, [`protocol::Deck`] out, and the commands that its run buttons type.
//!
//! The order matters: lines are cut into slides, directives are taken out of each, and only then CommonMark is read.

mod directives;
mod events;
mod fence;
mod info;
mod inline;
mod load;
mod markdown;
mod remark;
mod run;
mod slide;
mod split;
mod steps;

pub use load::load;
pub(crate) use load::read_text;
pub use remark::Remark;
pub(crate) use run::commands;

use protocol::Deck;
use protocol::deck::{Block, LineAddress};
use remark::Remarks;
use std::collections::HashMap;

/// A deck, ready to be shown.
#[derive(Debug, Default)]
pub struct ParsedDeck {
    pub deck: Deck,
    /// In the order of their lines.
    pub remarks: Vec<Remark>,
    commands: HashMap<LineAddress, Command>,
}

/// What a run button types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) text: String,
    /// It belongs into a container.
    pub(crate) inside: bool,
}

impl ParsedDeck {
    /// What the run button at `line` types; `None` if there is no such line or it is no command.
    pub(crate) fn command(&self, line: LineAddress) -> Option<&Command> {
        self.commands.get(&line)
    }

    /// How many lines can be run.
    pub fn runnable_lines(&self) -> usize {
        self.commands.len()
    }
}

/// Why a deck can't be shown. The messages say what to do.
#[derive(Debug, thiserror::Error)]
pub enum DeckError {
    #[error("the deck can't be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("the deck is not a file: name the PITCHME.md itself")]
    NotAFile,
    #[error(
        "the deck has {size} bytes, more than the {limit} that a deck may have: pictures and films belong beside it"
    )]
    TooLarge { size: u64, limit: u64 },
    #[error("the deck is not UTF-8 text: byte {offset} (line {line}) is wrong; save the file as UTF-8")]
    NotUtf8 { offset: usize, line: usize },
    #[error("line {line} begins more slides than the {limit} that a deck may have")]
    TooManySlides { line: usize, limit: usize },
}

/// Parses a deck whose text is in `lang` (BCP 47).
pub fn parse(text: &str, lang: &str) -> Result<ParsedDeck, DeckError> {
    // Some editors begin UTF-8 files with this mark; it would hide a heading on the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut remarks = Remarks::default();
    let mut parsed = ParsedDeck { deck: Deck { lang: lang.to_owned(), ..Deck::default() }, ..ParsedDeck::default() };
    for (h, stack) in (0..).zip(split::split(text, &mut remarks)?) {
        let mut slides = Vec::with_capacity(stack.len());
        for (v, raw) in (0..).zip(stack) {
            let built = slide::build(&raw, &mut remarks);
            for (block, line, command) in built.commands {
                parsed.commands.insert(LineAddress { h, v, block, line }, command);
            }
            slides.push(built.slide);
        }
        parsed.deck.slides.push(slides);
    }
    parsed.deck.title = title(&parsed.deck);
    parsed.remarks = remarks.into_sorted();
    Ok(parsed)
}

/// The first heading, with the one right below it if it stands on the first slide: `Docker: Eine Einführung`.
fn title(deck: &Deck) -> String {
    let heading = |block: &Block| match block {
        Block::Heading { content, .. } => Some(inline::plain_text(content)).filter(|text| !text.is_empty()),
        _ => None,
    };
    for (index, slide) in deck.slides.iter().flatten().enumerate() {
        let Some(at) = slide.blocks.iter().position(|block| heading(block).is_some()) else { continue };
        let below = if index == 0 { 2 } else { 1 };
        let headings: Vec<String> = slide.blocks[at..].iter().take(below).map_while(heading).collect();
        return headings.join(": ");
    }
    String::new()
}

#[cfg(test)]
mod tests;
