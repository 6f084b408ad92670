//! The pier: what is really on the learner's host, in one line, and on demand in full.

use super::icon::{Glyph, icon};
use super::pier_table::PierTable;
use super::ship;
use super::ship_actions::Act;
use crate::i18n::Texts;
use crate::prefs::use_texts;
use gloo::timers::callback::Timeout;
use protocol::harbour::{ContainerAction, Harbour, Ship};
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PierProps {
    /// `None` before the server has told.
    pub(crate) harbour: Option<std::rc::Rc<Harbour>>,
    pub(crate) open: bool,
    pub(crate) on_toggle: Callback<()>,
    /// What is being done with containers, by their ids.
    pub(crate) acting: BTreeMap<String, ContainerAction>,
    pub(crate) on_act: Callback<Act>,
}

#[component]
pub(crate) fn Pier(props: &PierProps) -> Html {
    let texts = use_texts();
    let toggle = props.on_toggle.reform(|_: MouseEvent| ());
    let quay = match &props.harbour {
        None => html! { <p class="quay-empty">{ texts.pier_waiting }</p> },
        Some(harbour) if harbour.containers.is_empty() => html! {
            <p class="quay-empty">{ texts.pier_empty }{ " " }<code>{ "docker run -it debian" }</code></p>
        },
        Some(harbour) => html! {
            <ul class="quay">{ for harbour.containers.iter().map(|ship| moored(ship, texts, props)) }</ul>
        },
    };
    html! {
        <section class={classes!("pier", props.open.then_some("open"))} data-region="pier" tabindex="-1" aria-label={texts.pier_label}>
            if props.open {
                <div class="pier-details" id="pier-details">
                    if let Some(harbour) = &props.harbour {
                        <PierTable harbour={harbour.clone()} acting={props.acting.clone()} on_act={props.on_act.clone()} />
                    } else {
                        <p class="quay-empty">{ texts.pier_waiting }</p>
                    }
                </div>
            }
            <div class="pier-line">
                <button type="button" class="pier-toggle" aria-expanded={if props.open { "true" } else { "false" }} aria-controls="pier-details" onclick={toggle.clone()}>
                    { icon(Glyph::Anchor) }<span>{ texts.pier }</span>{ icon(if props.open { Glyph::Down } else { Glyph::Up }) }
                </button>
                { quay }
                if let Some(harbour) = &props.harbour {
                    <button type="button" class="pier-images" onclick={toggle}>
                        { icon(Glyph::Disc) }
                        <span>{ (texts.container_count)(harbour.containers.len()) }{ " · " }{ (texts.image_count)(harbour.images.len()) }</span>
                    </button>
                }
            </div>
        </section>
    }
}

fn moored(container: &Ship, texts: &'static Texts, props: &PierProps) -> Html {
    let press = {
        let (open, on_toggle, id) = (props.open, props.on_toggle.clone(), ship::row_id(container));
        move |_: MouseEvent| {
            if !open {
                on_toggle.emit(());
            }
            // What can be done with it is there after the page is drawn again.
            let id = id.clone();
            Timeout::new(0, move || focus_first_button(&id).unwrap_or_default()).forget();
        }
    };
    let word = ship::word_for(container, texts);
    let title = format!("{} · {} · {word}", container.name, container.image);
    html! {
        <li key={container.id.clone()} class={classes!("ship", ship::class_of(container))}>
            <button type="button" {title} onclick={press}>
                { ship::drawing(container) }
                <span class="ship-name">{ &container.name }</span>
                <span class="ship-state">{ word }<span class="ship-image">{ format!(" · {}", container.image) }</span></span>
            </button>
        </li>
    }
}

/// In the element of that id.
fn focus_first_button(id: &str) -> Option<()> {
    let row = web_sys::window()?.document()?.get_element_by_id(id)?;
    row.query_selector("button").ok()??.dyn_into::<HtmlElement>().ok()?.focus().ok()
}
