//! The place in the deck as the page's address, so that it can be linked to and gone back to. Without one it is where one was last.

use super::Position;
use crate::prefs::{last_place, remember_place};
use gloo::events::EventListener;
use protocol::Deck;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::Window;
use yew::prelude::*;

/// Where one is, and the way to go elsewhere. Slides become entries of the browser's history, steps don't.
#[hook]
pub(crate) fn use_position(deck: Rc<Deck>) -> (Position, Callback<Position>) {
    let at = use_state_eq(|| addressed(&deck));
    {
        let (set, deck) = (at.setter(), deck.clone());
        use_effect_with((), move |()| {
            let listeners = web_sys::window().map(|window| {
                ["popstate", "hashchange"].map(|name| {
                    let (set, deck) = (set.clone(), deck.clone());
                    EventListener::new(&window, name, move |_| set.set(addressed(&deck)))
                })
            });
            move || drop(listeners)
        });
    }
    let here = *at;
    use_effect_with((here, deck.title.clone()), |(here, title)| remember_place(title, &here.to_hash()));
    let go = use_callback((here, at.setter()), |to: Position, (here, set)| {
        if let Some(window) = web_sys::window().filter(|_| to != *here) {
            write(&window, to, to.same_slide(*here));
        }
        set.set(to);
    });
    (here, go)
}

fn addressed(deck: &Deck) -> Position {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    let hash = if hash.is_empty() { last_place(&deck.title).unwrap_or_default() } else { hash };
    Position::from_hash(&hash, deck)
}

fn write(window: &Window, to: Position, same_entry: bool) {
    let Ok(history) = window.history() else { return };
    let hash = to.to_hash();
    // A browser may refuse when hundreds come in a second; the address then lags behind, the slide doesn't.
    let _ = if same_entry {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&hash))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(&hash))
    };
}
