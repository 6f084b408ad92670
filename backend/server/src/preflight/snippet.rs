//! Code that a deck or a lab shows, wherever it stands.

use crate::deck::{ParsedDeck, commands};
use protocol::deck::{Block, CodeBlock, LineAddress};
use protocol::instructor::Place;

/// A block of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snippet {
    pub(super) place: Place,
    pub(super) language: String,
    pub(super) lines: Vec<String>,
    /// Those of its lines that are commands for a shell, without prompts and continued lines joined.
    pub(super) commands: Vec<String>,
}

impl Snippet {
    pub(super) fn new(place: Place, language: &str, lines: Vec<String>) -> Self {
        let borrowed: Vec<&str> = lines.iter().map(String::as_str).collect();
        let commands = commands(language, &borrowed).into_iter().flatten().collect();
        Self { place, language: language.to_owned(), lines, commands }
    }
}

/// A deck's blocks. Those without run buttons count, too: what they show, somebody types.
pub(crate) fn of_deck(deck: &ParsedDeck) -> Vec<Snippet> {
    let mut snippets = Vec::new();
    let mut number = 0;
    for (h, stack) in (0..).zip(&deck.deck.slides) {
        for (v, slide) in (0..).zip(stack) {
            number += 1;
            for block in code_blocks(&slide.blocks) {
                let lines = block.lines.iter().map(|line| line.text.clone()).collect();
                let mut snippet = Snippet::new(Place::Slide { h, v, number }, &block.language, lines);
                let address = |line| LineAddress { h, v, block: block.index, line };
                let runnable: Vec<String> = (0..)
                    .zip(&block.lines)
                    .filter_map(|(line, _)| Some(deck.command(address(line))?.text.clone()))
                    .collect();
                if !runnable.is_empty() {
                    snippet.commands = runnable;
                }
                snippets.push(snippet);
            }
        }
    }
    snippets
}

fn code_blocks(blocks: &[Block]) -> Vec<&CodeBlock> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Code(code) => found.push(code),
            Block::List { items, .. } => items.iter().for_each(|item| found.extend(code_blocks(item))),
            Block::Quote(inner) => found.extend(code_blocks(inner)),
            Block::Heading { .. } | Block::Paragraph(_) | Block::Table { .. } | Block::Rule => {}
        }
    }
    found
}
