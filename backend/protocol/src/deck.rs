//! A deck as the browser renders it: parsed, sanitised, addressed.
//!
//! A slide is addressed as reveal.js and GitPitch do: `h` counts `---`, `v` counts `+++` below it, both from 0.

use serde::{Deserialize, Serialize};

/// A whole deck.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deck {
    /// Text of the first heading, and of a heading right below it.
    pub title: String,
    /// BCP 47 language of the slides' text: `de`.
    pub lang: String,
    /// `slides[h][v]`; no stack is empty.
    pub slides: Vec<Vec<Slide>>,
}

/// One slide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slide {
    /// From `@title[…]` or the first heading; empty if it has neither.
    pub title: String,
    pub blocks: Vec<Block>,
    /// The steps of `blocks`' first code block, in order.
    pub steps: Vec<Step>,
}

/// `@[2-3,5](caption)`: some lines in the light, the others dimmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// First and last line, from 1, both included, within the block.
    pub lines: Vec<(u32, u32)>,
    pub caption: Vec<Inline>,
}

/// A block of a slide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    Heading {
        level: u8,
        content: Vec<Inline>,
    },
    Paragraph(Vec<Inline>),
    /// `start` is the first number of an ordered list; each item is a list of blocks.
    List {
        start: Option<u64>,
        items: Vec<Vec<Block>>,
    },
    Code(CodeBlock),
    Quote(Vec<Block>),
    Table {
        head: Vec<Vec<Inline>>,
        rows: Vec<Vec<Vec<Inline>>>,
    },
    Rule,
}

/// A fenced block, line by line: steps and run buttons address lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeBlock {
    /// First word of the info string, lower case; empty if there is none.
    pub language: String,
    pub lines: Vec<CodeLine>,
    /// What it shows isn't there yet: its lines have no run buttons, and the page says so.
    pub not_yet: Option<NotYet>,
    /// Which code block of its slide this is, from 0; run buttons send it.
    pub index: u32,
}

/// Why a block can't be run yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotYet {
    /// The author's words; empty without.
    pub reason: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeLine {
    /// As written in the deck, prompt included.
    pub text: String,
    /// Whether this line can be run in the learner's terminal. The server decides and keeps the command.
    pub runnable: bool,
    /// It belongs into the container that a line before it leads into, not to the workstation's prompt.
    pub inside: bool,
}

/// Text within a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inline {
    Text(String),
    Code(String),
    Emphasis(Vec<Inline>),
    Strong(Vec<Inline>),
    Strike(Vec<Inline>),
    /// `href` is `http:`, `https:` or `mailto:`, or a `#/h/v` of this deck; nothing else gets here.
    Link {
        href: String,
        content: Vec<Inline>,
    },
    /// `src` is a file of the deck's folder, as a path below `/deck/`.
    Image {
        src: String,
        alt: String,
    },
    Break,
}

/// A line of code to run: an address, never text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineAddress {
    pub h: u32,
    pub v: u32,
    /// [`CodeBlock::index`].
    pub block: u32,
    /// From 0.
    pub line: u32,
}
