//! On a phone one thing at a time is shown; these choose it.

use super::icon::{Glyph, icon};
use crate::prefs::use_texts;
use yew::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Slide,
    Terminal,
    Pier,
}

impl Tab {
    /// The value of `data-tab`, for the style sheets.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Slide => "slide",
            Self::Terminal => "terminal",
            Self::Pier => "pier",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct TabsProps {
    pub(crate) current: Tab,
    pub(crate) on_choose: Callback<Tab>,
}

#[component]
pub(crate) fn Tabs(props: &TabsProps) -> Html {
    let texts = use_texts();
    let tabs = [
        (Tab::Slide, Glyph::Slide, texts.slide),
        (Tab::Terminal, Glyph::Prompt, texts.terminal),
        (Tab::Pier, Glyph::Anchor, texts.pier),
    ];
    let buttons = tabs.into_iter().map(|(tab, glyph, name)| {
        let current = (props.current == tab).then_some("true");
        html! {
            <button type="button" aria-current={current} onclick={props.on_choose.reform(move |_| tab)}>
                { icon(glyph) }<span>{ name }</span>
            </button>
        }
    });
    html! { <nav class="tabs" aria-label={texts.views}>{ for buttons }</nav> }
}
