//! The edge between deck and terminal: to drag, or to move with the arrow keys.

use crate::prefs::{SPLIT, use_texts};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// How far an arrow key moves it, in percent.
const STEP: u32 = 2;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct DividerProps {
    /// Whether deck and terminal are side by side; otherwise one is above the other.
    pub(crate) beside: bool,
    /// The deck's share in percent.
    pub(crate) value: u32,
    pub(crate) on_move: Callback<u32>,
}

#[component]
pub(crate) fn Divider(props: &DividerProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    let dragging = use_state_eq(|| false);
    let begin = {
        let (node, dragging) = (node.clone(), dragging.setter());
        Callback::from(move |event: PointerEvent| {
            if let Some(element) = node.cast::<Element>() {
                event.prevent_default();
                // Without capture the drag ends at the edge's own border; that is all.
                let _ = element.set_pointer_capture(event.pointer_id());
                dragging.set(true);
            }
        })
    };
    let follow = {
        let (node, beside, on_move, dragging) = (node.clone(), props.beside, props.on_move.clone(), *dragging);
        Callback::from(move |event: PointerEvent| {
            let room = node.cast::<HtmlElement>().and_then(|element| element.parent_element());
            if let Some(room) = room.filter(|_| dragging) {
                let room = room.get_bounding_client_rect();
                let share = if beside {
                    (f64::from(event.client_x()) - room.left()) / room.width()
                } else {
                    (f64::from(event.client_y()) - room.top()) / room.height()
                };
                on_move.emit((share.clamp(0.0, 1.0) * 100.0).round() as u32);
            }
        })
    };
    let end = {
        let dragging = dragging.setter();
        Callback::from(move |_: PointerEvent| dragging.set(false))
    };
    let key = {
        let (value, beside, on_move) = (props.value, props.beside, props.on_move.clone());
        Callback::from(move |event: KeyboardEvent| {
            let next = match (event.key().as_str(), beside) {
                ("ArrowLeft", true) | ("ArrowUp", false) => value.saturating_sub(STEP),
                ("ArrowRight", true) | ("ArrowDown", false) => value + STEP,
                ("Home", _) => *SPLIT.start(),
                ("End", _) => *SPLIT.end(),
                _ => return,
            };
            event.prevent_default();
            on_move.emit(next);
        })
    };
    html! {
        <div ref={node} class={classes!("divider", dragging.then_some("dragging"))} role="separator" tabindex="0"
            aria-label={texts.divider} aria-orientation={if props.beside { "vertical" } else { "horizontal" }}
            aria-valuenow={props.value.to_string()} aria-valuemin={SPLIT.start().to_string()} aria-valuemax={SPLIT.end().to_string()}
            onpointerdown={begin} onpointermove={follow} onpointerup={end.clone()} onpointercancel={end} onkeydown={key} />
    }
}
