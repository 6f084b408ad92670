//! A sentence about what didn't work, until it is read.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

use super::icon::{Glyph, icon};
use crate::prefs::use_texts;

/// Long enough to read twice, in milliseconds.
const STAYS: u32 = 12_000;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct NoticeProps {
    pub(crate) text: Option<AttrValue>,
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn Notice(props: &NoticeProps) -> Html {
    let texts = use_texts();
    let on_close = props.on_close.clone();
    use_effect_with(props.text.clone(), move |text| {
        let timer = text.is_some().then(|| Timeout::new(STAYS, move || on_close.emit(())));
        move || drop(timer)
    });
    html! {
        <div class="notices" role="status">
            if let Some(text) = &props.text {
                <p class="notice">
                    { icon(Glyph::Warning) }
                    <span>{ text }</span>
                    <button type="button" class="tool" aria-label={texts.close} title={texts.close} onclick={props.on_close.reform(|_| ())}>{ icon(Glyph::Close) }</button>
                </p>
            }
        </div>
    }
}
