//! A block of a slide as elements of the page.

use protocol::deck::{Block, Inline, LineAddress, Step};
use yew::prelude::*;

use super::{code::Code, inline::inlines};

/// What blocks need to know of the slide that they stand on.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub(super) h: u32,
    pub(super) v: u32,
    /// The step in the light.
    pub(super) step: Option<&'a Step>,
    pub(super) on_run: &'a Callback<LineAddress>,
}

pub(super) fn block(block: &Block, place: &Place<'_>) -> Html {
    match block {
        Block::Heading { level, content } => heading(*level, content),
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

/// The page's own heading is the first, so the slide's begin with the second; the class keeps the author's level.
fn heading(level: u8, content: &[Inline]) -> Html {
    let class = format!("level-{level}");
    let content = inlines(content);
    match level {
        0..=2 => html! { <h2 {class} tabindex="-1">{ content }</h2> },
        3 => html! { <h3 {class} tabindex="-1">{ content }</h3> },
        _ => html! { <h4 {class} tabindex="-1">{ content }</h4> },
    }
}

fn table(head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) -> Html {
    html! {
        <table>
            <thead><tr>{ for head.iter().map(|cell| html! { <th scope="col">{ inlines(cell) }</th> }) }</tr></thead>
            <tbody>
                { for rows.iter().map(|row| html! {
                    <tr>{ for row.iter().map(|cell| html! { <td>{ inlines(cell) }</td> }) }</tr>
                }) }
            </tbody>
        </table>
    }
}
