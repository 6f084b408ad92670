//! A block of a slide as elements of the page.

use super::code::Code;
use super::inline::inlines;
use protocol::deck::{Block, Inline, LineAddress, Slide, Step};
use std::cell::Cell;
use yew::prelude::*;

/// What blocks need to know of the slide that they stand on.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub(super) h: u32,
    pub(super) v: u32,
    /// The step in the light.
    pub(super) step: Option<&'a Step>,
    pub(super) on_run: &'a Callback<LineAddress>,
    pub(super) outline: Outline,
}

/// Which heading's element comes next: authors choose levels by their looks, readers of the screen want them in order.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    /// The levels that the slide has, in order.
    levels: Vec<u8>,
    /// The rank of the last heading: the page's own is the first.
    last: Cell<u8>,
}

impl Outline {
    pub(super) fn of(slide: &Slide) -> Self {
        let mut levels = Vec::new();
        collect_levels(&slide.blocks, &mut levels);
        levels.sort_unstable();
        levels.dedup();
        Self { levels, last: Cell::new(1) }
    }

    /// The rank of the next heading, whose level is `level`: none is left out on the way down.
    fn rank(&self, level: u8) -> u8 {
        let deep = self.levels.iter().take_while(|&&known| known < level).count() as u8;
        let rank = (2 + deep).min(self.last.get() + 1);
        self.last.set(rank);
        rank
    }
}

fn collect_levels(blocks: &[Block], levels: &mut Vec<u8>) {
    for block in blocks {
        match block {
            Block::Heading { level, .. } => levels.push(*level),
            Block::Quote(inner) => collect_levels(inner, levels),
            Block::List { items, .. } => items.iter().for_each(|item| collect_levels(item, levels)),
            _ => {}
        }
    }
}

pub(super) fn block(block: &Block, place: &Place<'_>) -> Html {
    match block {
        Block::Heading { level, content } => heading(*level, place.outline.rank(*level), content),
        Block::Paragraph(content) => html! { <p>{ inlines(content) }</p> },
        Block::List { start, items } => list(*start, items, place),
        Block::Code(code) => {
            // Steps address the slide's first code block.
            let lit = place.step.filter(|_| code.index == 0).map(|step| step.lines.clone());
            let address = LineAddress { h: place.h, v: place.v, block: code.index, line: 0 };
            html! { <Code code={code.clone()} {lit} {address} on_run={place.on_run.clone()} /> }
        }
        Block::Quote(content) => html! { <blockquote>{ blocks(content, place) }</blockquote> },
        Block::Table { head, rows } => table(head, rows),
        Block::Rule => html! { <hr /> },
    }
}

pub(super) fn blocks(content: &[Block], place: &Place<'_>) -> Html {
    content.iter().map(|one| block(one, place)).collect()
}

fn list(start: Option<u64>, items: &[Vec<Block>], place: &Place<'_>) -> Html {
    let items = items.iter().map(|item| html! { <li>{ blocks(item, place) }</li> });
    match start {
        Some(start) => html! { <ol start={start.to_string()}>{ for items }</ol> },
        None => html! { <ul>{ for items }</ul> },
    }
}

/// The class keeps the author's level.
fn heading(level: u8, rank: u8, content: &[Inline]) -> Html {
    let class = format!("level-{level}");
    html! { <@{format!("h{rank}")} {class} tabindex="-1">{ inlines(content) }</@> }
}

fn table(head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) -> Html {
    // The corner above a first column of names is no heading of anything.
    let title = |cell: &Vec<Inline>| match cell.is_empty() {
        true => html! { <td></td> },
        false => html! { <th scope="col">{ inlines(cell) }</th> },
    };
    html! {
        <table>
            <thead><tr>{ for head.iter().map(title) }</tr></thead>
            <tbody>
                { for rows.iter().map(|row| html! {
                    <tr>{ for row.iter().map(|cell| html! { <td>{ inlines(cell) }</td> }) }</tr>
                }) }
            </tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_come_in_order_whatever_the_author_chose() {
        for (levels, ranks) in [(&[3, 3][..], &[2, 2][..]), (&[1, 3, 5, 3], &[2, 3, 4, 3]), (&[4, 1, 6], &[2, 2, 3])] {
            let blocks = levels.iter().map(|&level| Block::Heading { level, content: vec![] }).collect();
            let outline = Outline::of(&Slide { blocks, ..Slide::default() });
            assert_eq!(levels.iter().map(|&level| outline.rank(level)).collect::<Vec<_>>(), ranks);
        }
    }
}
