//! What the screen is like, and changes of it.

use crate::prefs::{Theme, use_prefs};
use gloo::events::EventListener;
use web_sys::MediaQueryList;
use yew::prelude::*;

/// Whether a CSS media query holds.
#[hook]
pub(crate) fn use_media(query: &'static str) -> bool {
    let holds = use_state_eq(|| list(query).is_some_and(|list| list.matches()));
    let set = holds.setter();
    use_effect_with(query, move |query| {
        let listener = list(query).map(|list| {
            let asked = list.clone();
            EventListener::new(&list, "change", move |_| set.set(asked.matches()))
        });
        move || drop(listener)
    });
    *holds
}

/// Whether the page is dark now: chosen, or by the system.
#[hook]
pub(crate) fn use_dark() -> bool {
    let system = use_media("(prefers-color-scheme: dark)");
    match use_prefs().theme {
        Theme::System => system,
        Theme::Light => false,
        Theme::Dark => true,
    }
}

fn list(query: &str) -> Option<MediaQueryList> {
    web_sys::window()?.match_media(query).ok()?
}
