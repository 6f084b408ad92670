//! The deck's part of the page: the paper, the caption of the step below it, and the way on.

use super::inline::inlines;
use super::slide::SlideView;
use super::{Move, Position};
use crate::components::{Glyph, icon};
use crate::prefs::use_texts;
use protocol::Deck;
use protocol::deck::LineAddress;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// A finger that moves so far sideways has swiped, in CSS pixels.
const SWIPE: i32 = 50;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct DeckViewProps {
    pub(crate) deck: Rc<Deck>,
    pub(crate) at: Position,
    pub(crate) on_move: Callback<Move>,
    pub(crate) on_run: Callback<LineAddress>,
}

#[component]
pub(crate) fn DeckView(props: &DeckViewProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    let first = use_mut_ref(|| true);
    let slide = props.at.slide(&props.deck);
    use_effect_with((node.clone(), props.at.h, props.at.v), move |(node, ..)| {
        if !first.replace(false) {
            focus_heading(node);
        }
    });

    let (ordinal, of) = props.at.ordinal(&props.deck);
    let title = slide.map(|slide| slide.title.as_str()).filter(|title| !title.is_empty()).unwrap_or(texts.untitled);
    let steps = slide.map_or(0, |slide| slide.steps.len());
    let caption = slide.and_then(|slide| slide.steps.get(props.at.step.checked_sub(1)?));
    let go = |to: Move| props.on_move.reform(move |_: MouseEvent| to);
    let (touch, lift) = use_swipe(props.on_move.clone());
    html! {
        <section class="deck" ref={node} data-region="deck" tabindex="-1" aria-label={texts.deck_label} ontouchstart={touch} ontouchend={lift}>
            <p class="visually-hidden" role="status">{ (texts.slide_announcement)(ordinal, of, title) }</p>
            <div class="stage"><div class={classes!("sheet", (steps > 0).then_some("stepped"))}>
                <div class="paper"><SlideView deck={props.deck.clone()} at={props.at} on_run={props.on_run.clone()} /></div>
                <div class="caption" aria-live="polite" lang={props.deck.lang.clone()}>
                    if steps > 0 {
                        <p class="caption-count" lang={texts.code}>{ (texts.step_of)(props.at.step, steps) }</p>
                    }
                    if let Some(step) = caption {
                        <p class="caption-text">{ inlines(&step.caption) }</p>
                    } else if steps > 0 {
                        <p class="caption-text hint" lang={texts.code}>{ texts.steps_hint }</p>
                    }
                </div>
            </div></div>
            <div class="deck-ways">
                <button type="button" onclick={go(Move::Previous)}>{ icon(Glyph::Left) }<span>{ texts.back }</span></button>
                <button type="button" class="primary" onclick={go(Move::Next)}><span>{ texts.onward }</span>{ icon(Glyph::Right) }</button>
            </div>
        </section>
    }
}

/// Handlers that turn a sideways swipe into a move.
#[hook]
fn use_swipe(on_move: Callback<Move>) -> (Callback<TouchEvent>, Callback<TouchEvent>) {
    let from = use_mut_ref(|| None);
    let began = from.clone();
    let touch = Callback::from(move |event: TouchEvent| {
        let one = event.touches().length() == 1;
        *began.borrow_mut() = event.touches().get(0).filter(|_| one).map(|touch| (touch.client_x(), touch.client_y()));
    });
    let lift = Callback::from(move |event: TouchEvent| {
        let (Some((x, y)), Some(touch)) = (from.take(), event.changed_touches().get(0)) else { return };
        let (along, across) = (touch.client_x() - x, touch.client_y() - y);
        if along.abs() >= SWIPE && along.abs() > 2 * across.abs() && !scrolls_sideways(&event) {
            on_move.emit(if along < 0 { Move::Next } else { Move::Previous });
        }
    });
    (touch, lift)
}

/// Whether the finger was on something wide that it scrolled.
fn scrolls_sideways(event: &TouchEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let wide = target.and_then(|target| target.closest(".code-lines, table").ok()?);
    wide.is_some_and(|wide| wide.scroll_width() > wide.client_width())
}

/// The new slide's heading takes the focus, so that one reads on there; but never from the terminal.
fn focus_heading(deck: &NodeRef) {
    let Some(deck) = deck.cast::<Element>() else { return };
    let active = deck.owner_document().and_then(|document| document.active_element());
    if active.is_some_and(|active| active.closest(".terminal, dialog").is_ok_and(|found| found.is_some())) {
        return;
    }
    let heading = deck.query_selector(".slide :is(h2, h3, h4, h5, h6)").ok().flatten();
    let target = heading.or_else(|| deck.query_selector(".slide").ok().flatten());
    if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        // Nothing is lost if it can't be focused.
        let _ = target.focus();
    }
}
