//! A sentence about what didn't work, until it is read, or as long as it lasts.

use super::icon::{Glyph, icon};
use crate::prefs::use_texts;
use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// Long enough to read twice, in milliseconds.
const STAYS: u32 = 12_000;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct NoticeProps {
    pub(crate) text: Option<AttrValue>,
    /// It goes when what it says is over, not by itself, and can't be closed.
    pub(crate) lasts: bool,
    /// Each new number draws the eye to it once more.
    pub(crate) nudge: u32,
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn Notice(props: &NoticeProps) -> Html {
    let texts = use_texts();
    let on_close = props.on_close.clone();
    use_effect_with((props.text.clone(), props.lasts), move |(text, lasts)| {
        let timer = (text.is_some() && !lasts).then(|| Timeout::new(STAYS, move || on_close.emit(())));
        move || drop(timer)
    });
    // Two classes in turns: an animation begins again only where its name changes.
    let nudged = match props.nudge {
        0 => None,
        odd if odd % 2 == 1 => Some("nudged"),
        _ => Some("nudged-again"),
    };
    html! {
        <div class="notices" role="status">
            if let Some(text) = &props.text {
                <p class={classes!("notice", nudged)}>
                    { icon(Glyph::Warning) }
                    <span>{ text }</span>
                    if !props.lasts {
                        <button type="button" class="tool" aria-label={texts.close} title={texts.close} onclick={props.on_close.reform(|_| ())}>{ icon(Glyph::Close) }</button>
                    }
                </p>
            }
        </div>
    }
}
