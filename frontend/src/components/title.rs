//! What the browser's tab is called.

use yew::prelude::*;

/// Calls it by what the page is about.
#[hook]
pub(crate) fn use_title(about: &str) {
    use_effect_with(about.to_owned(), |about| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(&format!("{about} · Lernhafen"));
        }
    });
}
