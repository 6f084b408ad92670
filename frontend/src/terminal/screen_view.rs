//! One terminal's place on the page: the screen, and below it the keys that a phone lacks.

use super::{Screen, Screens};
use crate::components::{KeyRow, use_dark};
use crate::prefs::use_prefs;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, ResizeObserver};
use yew::prelude::*;

/// So long a new size must last before rows and columns follow, in milliseconds.
const SETTLED: u32 = 60;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ScreenViewProps {
    pub(super) screens: Screens,
    pub(super) terminal: u8,
    /// Whether it is the one in front.
    pub(super) shown: bool,
}

#[component]
pub(super) fn ScreenView(props: &ScreenViewProps) -> Html {
    let prefs = use_prefs();
    let texts = prefs.lang.texts();
    let dark = use_dark();
    let node = use_node_ref();
    let ctrl_held = use_state_eq(|| false);
    let borrowed = use_state_eq(|| false);
    let screen = props.screens.get(props.terminal);

    {
        let on_ctrl = Callback::from({
            let set = ctrl_held.setter();
            move |held| set.set(held)
        });
        let on_borrowed = Callback::from({
            let set = borrowed.setter();
            move |borrowed| set.set(borrowed)
        });
        let screens = props.screens.clone();
        use_effect_with((screen.clone(), node.clone()), move |(screen, node)| {
            let observer = node.cast::<HtmlElement>().and_then(|element| {
                screens.mount(screen, element.clone(), on_ctrl, on_borrowed);
                // Who joins can type; but a phone's keyboard would cover half of the page.
                if nothing_has_the_focus() && !has_no_keys() {
                    screen.focus();
                }
                follow_size(screen, &element)
            });
            follow_font(screen);
            move || drop(observer)
        });
    }
    use_effect_with((screen.clone(), dark), |(screen, dark)| screen.set_dark(*dark));
    use_effect_with((screen.clone(), prefs.terminal_font), |(screen, px)| screen.set_font_size(*px));
    use_effect_with((screen.clone(), texts.code), |(screen, _)| {
        screen.set_words(texts.terminal_label, texts.new_shell);
    });
    use_effect_with((screen.clone(), prefs.screen_reader), |(screen, on)| screen.set_screen_reader(*on));
    use_effect_with((screen.clone(), props.shown), |(screen, shown)| {
        // While it was hidden, it had no room of its own.
        if *shown {
            screen.fit();
        }
        let dialogs = shown.then(|| after_dialogs(screen.clone()));
        move || drop(dialogs)
    });

    let dropped = {
        let screen = screen.clone();
        move |event: DragEvent| {
            event.prevent_default();
            if let Some(text) = event.data_transfer().and_then(|data| data.get_data("text/plain").ok()) {
                screen.paste(&text);
            }
        }
    };
    html! {
        <div class="terminal-place" hidden={!props.shown} data-terminal={props.terminal.to_string()}>
            <div class="terminal-body" ondragover={|event: DragEvent| event.prevent_default()} ondrop={dropped}>
                <div ref={node} class="terminal-screen"></div>
                if *borrowed {
                    <p class="size-of-another" role="status" title={texts.size_of_another_hint}>{ texts.size_of_another }</p>
                }
            </div>
            <KeyRow {screen} ctrl_held={*ctrl_held} />
        </div>
    }
}

/// Gives the terminal the keyboard when a dialog closes that took it from nobody, until dropped.
fn after_dialogs(screen: Screen) -> Option<EventListener> {
    let document = web_sys::window()?.document()?;
    // The event doesn't bubble.
    let options = EventListenerOptions::run_in_capture_phase();
    Some(EventListener::new_with_options(&document, "close", options, move |_| {
        let screen = screen.clone();
        // What is in the dialog goes when the page is drawn again.
        Timeout::new(0, move || {
            if nothing_has_the_focus() && !has_no_keys() {
                screen.focus();
            }
        })
        .forget();
    }))
}

fn nothing_has_the_focus() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.active_element().is_none_or(|active| active.tag_name() == "BODY"))
}

/// Whether the keyboard is one on the screen.
fn has_no_keys() -> bool {
    let coarse = web_sys::window().and_then(|window| window.match_media("(pointer: coarse)").ok().flatten());
    coarse.is_some_and(|coarse| coarse.matches())
}

/// Keeps rows and columns what the element has room for, until dropped.
fn follow_size(screen: &Screen, element: &HtmlElement) -> Option<impl Drop + use<>> {
    let screen = screen.clone();
    let settled = RefCell::new(None);
    let changed = Closure::<dyn FnMut()>::new(move || {
        let screen = screen.clone();
        // Replacing the wait ends the one before.
        settled.replace(Some(Timeout::new(SETTLED, move || screen.fit())));
    });
    let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some(Following { observer, _changed: changed })
}

struct Following {
    observer: ResizeObserver,
    _changed: Closure<dyn FnMut()>,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The font may come after the terminal was drawn in another.
fn follow_font(screen: &Screen) {
    let screen = screen.clone();
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    spawn_local(async move {
        let fonts = document.fonts();
        let loads =
            ["15px 'JetBrains Mono Variable'", "bold 15px 'JetBrains Mono Variable'"].map(|font| fonts.load(font));
        for load in loads {
            // Without our font the browser's monospace does.
            let _ = JsFuture::from(load).await;
        }
        screen.font_has_come();
    });
}
