//! All slides by name, to go to one.

use super::dialog::Dialog;
use crate::deck::Position;
use crate::prefs::use_texts;
use protocol::Deck;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

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
    let walk = |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => walk(&event, 1),
        "ArrowUp" => walk(&event, -1),
        _ => {}
    };
    let stacks = props.deck.slides.iter().enumerate();
    html! {
        <Dialog open={props.open} title={texts.contents} on_close={props.on_close.clone()}>
            <ol class="contents" lang={props.deck.lang.clone()} onkeydown={walk}>
                { for stacks.map(|(h, stack)| html! {
                    <li key={h}><ol>{ for (0..stack.len()).map(|v| entry(h, v)) }</ol></li>
                }) }
            </ol>
        </Dialog>
    }
}

/// Moves the focus so many entries on.
fn walk(event: &KeyboardEvent, by: i32) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let (Ok(entries), Some(active)) = (document.query_selector_all(".contents button"), document.active_element())
    else {
        return;
    };
    let here = (0..entries.length()).find(|&index| entries.get(index).as_ref() == Some(active.as_ref()));
    let next = here.and_then(|here| entries.get(here.checked_add_signed(by)?)?.dyn_into::<HtmlElement>().ok());
    event.prevent_default();
    if let Some(next) = next {
        // Where it can't be focused the other keys still lead on.
        let _ = next.focus();
    }
}
