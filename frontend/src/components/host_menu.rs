//! What is seldom wanted, and concerns the whole host.

use super::icon::{Glyph, icon};
use crate::prefs::use_texts;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct HostMenuProps {
    pub(super) on_reset: Callback<()>,
    pub(super) on_leave: Callback<()>,
}

#[component]
pub(super) fn HostMenu(props: &HostMenuProps) -> Html {
    let texts = use_texts();
    let item = |word: &'static str, on_take: &Callback<()>| {
        let take = on_take.reform(|_: MouseEvent| ());
        html! { <li><button type="button" popovertarget="host-menu" popovertargetaction="hide" onclick={take}>{ word }{ " …" }</button></li> }
    };
    // The browser opens it, closes it on Escape and on a press beside it, and says whether it is open.
    html! {
        <>
            <button type="button" class="tool" popovertarget="host-menu" aria-label={texts.my_host} title={texts.my_host}>{ icon(Glyph::More) }</button>
            <ul id="host-menu" class="host-menu" popover="auto">
                { item(texts.reset_host, &props.on_reset) }
                { item(texts.leave, &props.on_leave) }
            </ul>
        </>
    }
}
