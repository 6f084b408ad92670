//! The bar above: where one is, and whether the line is up.

use super::host_menu::HostMenu;
use super::icon::{Glyph, icon};
use super::mark;
use super::settings::Settings;
use crate::deck::Move;
use crate::net::Status;
use crate::prefs::use_texts;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct TopBarProps {
    pub(crate) workshop: AttrValue,
    /// The participant's.
    pub(crate) name: AttrValue,
    /// Which slide of how many.
    pub(crate) ordinal: (usize, usize),
    pub(crate) status: Status,
    pub(crate) on_move: Callback<Move>,
    pub(crate) on_contents: Callback<()>,
    pub(crate) on_help: Callback<()>,
    pub(crate) on_reconnect: Callback<()>,
    /// Set the host up anew.
    pub(crate) on_reset: Callback<()>,
    pub(crate) on_leave: Callback<()>,
}

#[component]
pub(crate) fn TopBar(props: &TopBarProps) -> Html {
    let texts = use_texts();
    let (at, of) = props.ordinal;
    let go = |to: Move| props.on_move.reform(move |_: MouseEvent| to);
    html! {
        <header class="top-bar" data-region="top" tabindex="-1" aria-label={texts.top_bar}>
            <div class="workshop-name">{ mark() }<h1>{ &props.workshop }</h1></div>
            <nav class="where" aria-label={texts.slides}>
                <button type="button" class="tool" aria-label={texts.previous} title={texts.previous} disabled={at <= 1} onclick={go(Move::Previous)}>{ icon(Glyph::Left) }</button>
                <button type="button" class="ordinal" title={texts.contents} onclick={props.on_contents.reform(|_| ())}>
                    <span class="visually-hidden">{ texts.slide }{ " " }</span><span class="at">{ at }</span><span class="of">{ format!(" / {of}") }</span>
                    <span class="visually-hidden">{ ", " }{ texts.contents }</span>
                    <progress max={of.to_string()} value={at.to_string()} aria-hidden="true" />
                </button>
                <button type="button" class="tool" aria-label={texts.next} title={texts.next} disabled={at >= of} onclick={go(Move::Next)}>{ icon(Glyph::Right) }</button>
            </nav>
            <div class="bar-end">
                <Line name={&props.name} status={props.status} on_reconnect={props.on_reconnect.clone()} />
                <div class="bar-settings"><Settings /></div>
                <HostMenu on_reset={props.on_reset.clone()} on_leave={props.on_leave.clone()} />
                <button type="button" class="tool" aria-label={texts.help} title={texts.help_hint} onclick={props.on_help.reform(|_| ())}>{ icon(Glyph::Help) }</button>
            </div>
        </header>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct LineProps {
    name: AttrValue,
    status: Status,
    on_reconnect: Callback<()>,
}

/// The state of the connection: a sign, a word, and while it is down a button.
#[component]
fn Line(props: &LineProps) -> Html {
    let texts = use_texts();
    let (class, word) = match props.status {
        Status::Online => ("online", (texts.online)(&props.name)),
        Status::Connecting => ("waiting", texts.connecting.to_owned()),
        Status::Waiting { attempts, .. } => ("waiting", (texts.reconnecting)(attempts)),
        Status::Ended => ("failed", texts.ended.to_owned()),
    };
    html! {
        <div class={classes!("line", class)}>
            <span role="status" class="line-word">{ word }</span>
            if matches!(props.status, Status::Waiting { .. }) {
                <button type="button" class="small" onclick={props.on_reconnect.reform(|_| ())}>{ texts.reconnect_now }</button>
            }
        </div>
    }
}
