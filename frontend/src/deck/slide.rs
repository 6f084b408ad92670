//! One slide on its paper.

use std::rc::Rc;

use protocol::{
    Deck,
    deck::{Block, LineAddress, Slide},
};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::{
    Position,
    block::{Place, blocks},
};

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
        let lit =
            node.cast::<Element>().and_then(|slide| slide.query_selector(".stepped .code-line:not(.dimmed)").ok()?);
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
    };
    let class = classes!("slide", kind(slide), place.step.is_some().then_some("stepped"));
    html! {
        <article ref={node} key={format!("{h}/{v}")} {class} tabindex="-1" lang={props.deck.lang.clone()}>
            { blocks(&slide.blocks, &place) }
        </article>
    }
}

/// Slides of headings alone are set as titles.
fn kind(slide: &Slide) -> &'static str {
    if slide.blocks.iter().all(|block| matches!(block, Block::Heading { .. })) { "title" } else { "content" }
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
