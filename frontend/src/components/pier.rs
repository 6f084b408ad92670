//! The pier: what is really on the learner's host, in one line, and on demand in full.

use protocol::harbour::{Harbour, Ship};
use yew::prelude::*;

use super::{
    icon::{Glyph, icon},
    pier_table::PierTable,
    ship,
};
use crate::{i18n::Texts, prefs::use_texts};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PierProps {
    /// `None` before the server has told.
    pub(crate) harbour: Option<std::rc::Rc<Harbour>>,
    pub(crate) open: bool,
    pub(crate) on_toggle: Callback<()>,
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
            <ul class="quay">{ for harbour.containers.iter().map(|ship| moored(ship, texts, &props.on_toggle)) }</ul>
        },
    };
    html! {
        <section class={classes!("pier", props.open.then_some("open"))} data-region="pier" tabindex="-1" aria-label={texts.pier_label}>
            if props.open {
                <div class="pier-details" id="pier-details">
                    if let Some(harbour) = &props.harbour {
                        <PierTable harbour={harbour.clone()} />
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

fn moored(container: &Ship, texts: &'static Texts, on_open: &Callback<()>) -> Html {
    let word = ship::word_for(container, texts);
    let title = format!("{} · {} · {word}", container.name, container.image);
    html! {
        <li key={container.id.clone()} class={classes!("ship", ship::class_of(container))}>
            <button type="button" {title} onclick={on_open.reform(|_| ())}>
                { ship::drawing(container) }
                <span class="ship-name">{ &container.name }</span>
                <span class="ship-state">{ word }<span class="ship-image">{ format!(" · {}", container.image) }</span></span>
            </button>
        </li>
    }
}
