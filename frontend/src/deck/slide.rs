//! One slide on its paper.

use super::Position;
use super::block::{Outline, Place, blocks};
use protocol::Deck;
use protocol::deck::{Block, LineAddress, Slide};
use std::rc::Rc;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// What the type shrinks to, step by step, before a long slide scrolls.
const SIZES: [&str; 5] = ["1", "0.88", "0.78", "0.7", "0.62"];

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct SlideViewProps {
    pub(super) deck: Rc<Deck>,
    pub(super) at: Position,
    pub(super) on_run: Callback<LineAddress>,
}

#[component]
pub(super) fn SlideView(props: &SlideViewProps) -> Html {
    let node = use_node_ref();
    let Position { h, v, step } = props.at;
    use_effect_with((node.clone(), h, v), |(node, ..)| {
        if let Some(slide) = node.cast::<HtmlElement>() {
            fit(&slide);
        }
    });
    use_effect_with((node.clone(), props.at), |(node, _)| {
        let lit = node.cast::<Element>().and_then(|slide| slide.query_selector(".lit").ok()?);
        if let Some(line) = lit {
            line.scroll_into_view_with_scroll_into_view_options(&nearest());
        }
    });
    let Some(slide) = props.at.slide(&props.deck) else { return html! {} };
    let place = Place {
        h: u32::try_from(h).unwrap_or(u32::MAX),
        v: u32::try_from(v).unwrap_or(u32::MAX),
        step: step.checked_sub(1).and_then(|index| slide.steps.get(index)),
        on_run: &props.on_run,
        outline: Outline::of(slide),
    };
    html! {
        <article ref={node} key={format!("{h}/{v}")} class={classes!("slide", kind(slide))} tabindex="-1" lang={props.deck.lang.clone()}>
            { blocks(&slide.blocks, &place) }
        </article>
    }
}

/// Slides of headings, and chapters with nothing but a sentence below theirs, are set as titles.
fn kind(slide: &Slide) -> &'static str {
    let chapter = matches!(slide.blocks.first(), Some(Block::Heading { level: 0..=2, .. }));
    let title = slide.blocks.iter().all(|block| match block {
        Block::Heading { .. } => true,
        Block::Paragraph(_) => chapter,
        _ => false,
    });
    if title { "title" } else { "content" }
}

fn fit(slide: &HtmlElement) {
    for size in SIZES {
        // Only a style sheet that isn't there could make this fail.
        let _ = slide.style().set_property("--fit", size);
        if slide.scroll_height() <= slide.client_height() + 1 {
            break;
        }
    }
}

fn nearest() -> web_sys::ScrollIntoViewOptions {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options
}
