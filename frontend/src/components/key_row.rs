//! The keys that a phone's keyboard lacks.

use super::icon::{Glyph, icon};
use crate::clipboard;
use crate::prefs::use_texts;
use crate::terminal::{Key, Screen};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

const KEYS: [(&str, Key); 9] = [
    ("Esc", Key::Escape),
    ("Tab", Key::Tab),
    ("←", Key::Left),
    ("↑", Key::Up),
    ("↓", Key::Down),
    ("→", Key::Right),
    ("|", Key::Char("|")),
    ("-", Key::Char("-")),
    ("/", Key::Char("/")),
];

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct KeyRowProps {
    pub(crate) screen: Screen,
    pub(crate) ctrl_held: bool,
}

#[component]
pub(crate) fn KeyRow(props: &KeyRowProps) -> Html {
    let texts = use_texts();
    // A press must not take the focus from the terminal: the soft keyboard would go away.
    let stay = Callback::from(|event: PointerEvent| event.prevent_default());
    let keys = KEYS.into_iter().map(|(face, key)| {
        let screen = props.screen.clone();
        html! { <button type="button" onclick={move |_: MouseEvent| screen.press(key)}>{ face }</button> }
    });
    let held = props.ctrl_held;
    let hold = {
        let screen = props.screen.clone();
        move |_: MouseEvent| screen.hold_ctrl(!held)
    };
    let paste = {
        let screen = props.screen.clone();
        move |_: MouseEvent| {
            let screen = screen.clone();
            spawn_local(async move {
                if let Some(text) = clipboard::paste().await {
                    screen.paste(&text);
                }
            });
        }
    };
    html! {
        <div class="key-row" role="toolbar" aria-label={texts.keys} onpointerdown={stay}>
            <button type="button" aria-pressed={if held { "true" } else { "false" }} onclick={hold}>{ texts.ctrl }</button>
            { for keys }
            if clipboard::can_paste() {
                <button type="button" aria-label={texts.paste} onclick={paste}>{ icon(Glyph::Paste) }</button>
            }
        </div>
    }
}
