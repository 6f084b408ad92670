//! All slides by name, to go to one.

use std::rc::Rc;

use protocol::Deck;
use yew::prelude::*;

use super::dialog::Dialog;
use crate::{deck::Position, prefs::use_texts};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct ContentsProps {
    pub(crate) open: bool,
    pub(crate) deck: Rc<Deck>,
    pub(crate) at: Position,
    pub(crate) on_choose: Callback<Position>,
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn Contents(props: &ContentsProps) -> Html {
    let texts = use_texts();
    let entry = |h: usize, v: usize| {
        let to = Position { h, v, step: 0 };
        let title = to.slide(&props.deck).map(|slide| slide.title.clone()).filter(|title| !title.is_empty());
        let current = props.at.same_slide(to).then_some("true");
        html! {
            <li key={v}>
                <button type="button" aria-current={current} autofocus={current.is_some()} onclick={props.on_choose.reform(move |_| to)}>
                    <span class="number">{ to.ordinal(&props.deck).0 }</span>
                    <span>{ title.unwrap_or_else(|| texts.untitled.to_owned()) }</span>
                </button>
            </li>
        }
    };
    let stacks = props.deck.slides.iter().enumerate();
    html! {
        <Dialog open={props.open} title={texts.contents} on_close={props.on_close.clone()}>
            <ol class="contents" lang={props.deck.lang.clone()}>
                { for stacks.map(|(h, stack)| html! {
                    <li key={h}><ol>{ for (0..stack.len()).map(|v| entry(h, v)) }</ol></li>
                }) }
            </ol>
        </Dialog>
    }
}
