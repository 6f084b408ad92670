//! A slide's Markdown, read into the blocks that the page draws.

use super::events::{Events, MAX_DEPTH};
use super::info::Info;
use super::{Command, Remarks, inline, run};
use protocol::deck::{Block, CodeBlock, CodeLine, Inline};
use pulldown_cmark::{CodeBlockKind, Event, Tag};

/// Most columns of a table.
const MAX_COLUMNS: usize = 32;

/// What a slide's Markdown says.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) blocks: Vec<Block>,
    /// Text of the first heading.
    pub(super) heading: Option<String>,
    /// Number of lines of each code block.
    pub(super) code: Vec<u32>,
    /// What can be run: code block, line, command.
    pub(super) commands: Vec<(u32, u32, Command)>,
}

/// Reads `text`, which begins at `first_line` of the file.
pub(super) fn read(text: &str, first_line: usize, remarks: &mut Remarks) -> Content {
    let mut reader = Reader { events: Events::new(text, first_line, remarks), content: Content::default() };
    let blocks = reader.blocks(0);
    Content { blocks, ..reader.content }
}

struct Reader<'a, 'r> {
    events: Events<'a, 'r>,
    content: Content,
}

impl Reader<'_, '_> {
    /// Reads up to the end of what was just begun.
    fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        // The items of a tight list have text without a paragraph around it.
        let mut loose = Vec::new();
        while let Some(event) = self.events.next() {
            let block = match event {
                Event::End(_) => break,
                Event::Start(Tag::HtmlBlock) => self.html(),
                Event::Rule => Some(Block::Rule),
                Event::Start(tag) if is_block(&tag) => Some(self.block(tag, depth)),
                event => {
                    inline::push(&mut self.events, event, &mut loose, 0);
                    continue;
                }
            };
            flush(&mut loose, &mut blocks);
            blocks.extend(block);
        }
        flush(&mut loose, &mut blocks);
        blocks
    }

    fn block(&mut self, tag: Tag<'_>, depth: usize) -> Block {
        match tag {
            Tag::Heading { level, .. } => {
                let content = inline::read(&mut self.events, 0);
                self.content.heading.get_or_insert_with(|| inline::plain_text(&content));
                Block::Heading { level: level as u8, content }
            }
            Tag::CodeBlock(kind) => Block::Code(self.code(kind)),
            Tag::Table(_) => self.table(),
            Tag::List(_) | Tag::BlockQuote(_) if depth >= MAX_DEPTH => {
                self.events.remark("this is nested too deep; it is shown without its markup");
                Block::Paragraph(vec![Inline::Text(self.events.plain_text())])
            }
            Tag::List(start) => Block::List { start, items: self.items(depth) },
            Tag::BlockQuote(_) => Block::Quote(self.blocks(depth + 1)),
            _ => Block::Paragraph(inline::read(&mut self.events, 0)),
        }
    }

    fn items(&mut self, depth: usize) -> Vec<Vec<Block>> {
        let mut items = Vec::new();
        while let Some(Event::Start(_)) = self.events.next() {
            items.push(self.blocks(depth + 1));
        }
        items
    }

    fn code(&mut self, kind: CodeBlockKind<'_>) -> CodeBlock {
        let info = match kind {
            CodeBlockKind::Fenced(info) => info.into_string(),
            CodeBlockKind::Indented => String::new(),
        };
        let text = self.events.plain_text();
        let lines: Vec<&str> = text.lines().collect();
        let commands = run::commands(&info, &lines);
        let info = Info::read(&info);
        if let Some(contradiction) = info.contradiction() {
            self.events.remark(contradiction);
        }
        let inside = run::inside(&info, &commands);
        let commands: Vec<Option<Command>> = (commands.into_iter().zip(inside))
            .map(|(text, inside)| text.map(|text| Command { text, inside }))
            .collect();
        let line = |(text, command): (&&str, &Option<Command>)| CodeLine {
            text: (*text).to_owned(),
            runnable: command.is_some(),
            inside: command.as_ref().is_some_and(|command| command.inside),
        };
        let code = CodeBlock {
            lines: lines.iter().zip(&commands).map(line).collect(),
            language: info.language,
            not_yet: info.not_yet,
            index: self.content.code.len() as u32,
        };
        self.content.code.push(lines.len() as u32);
        let addressed = (0..).zip(commands).filter_map(|(line, command)| Some((code.index, line, command?)));
        self.content.commands.extend(addressed);
        code
    }

    fn table(&mut self) -> Block {
        let mut head = Vec::new();
        let mut rows = Vec::new();
        while let Some(Event::Start(row)) = self.events.next() {
            let cells = self.cells();
            if matches!(row, Tag::TableHead) { head = cells } else { rows.push(cells) }
        }
        Block::Table { head, rows }
    }

    fn cells(&mut self) -> Vec<Vec<Inline>> {
        let mut cells = Vec::new();
        let mut count = 0;
        while let Some(Event::Start(_)) = self.events.next() {
            let cell = inline::read(&mut self.events, 0);
            count += 1;
            if count <= MAX_COLUMNS {
                cells.push(cell);
            } else if count == MAX_COLUMNS + 1 {
                self.events.remark(format!("a table has at most {MAX_COLUMNS} columns; the others are left out"));
            }
        }
        cells
    }

    /// Reads a block of HTML, of which only `<br>` is kept.
    fn html(&mut self) -> Option<Block> {
        let mut html = String::new();
        while let Some(Event::Html(part) | Event::Text(part)) = self.events.next() {
            html.push_str(&part);
        }
        if inline::is_break(&html) {
            return Some(Block::Paragraph(vec![Inline::Break]));
        }
        if !html.starts_with("<!--") {
            self.events.remark("HTML is left out");
        }
        None
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::List(_) | Tag::Table(_)
    )
}

fn flush(loose: &mut Vec<Inline>, blocks: &mut Vec<Block>) {
    if !loose.is_empty() {
        blocks.push(Block::Paragraph(std::mem::take(loose)));
    }
}
