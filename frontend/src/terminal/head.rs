//! The line above the terminals: a tab for each, and tools.

use super::{Ask, TerminalList};
use crate::components::{Glyph, icon};
use crate::prefs::{Change, TERMINAL_FONT, use_prefs};
use crate::runs::{place_now, use_runs};
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct TerminalHeadProps {
    pub(super) list: TerminalList,
    pub(super) host: AttrValue,
    pub(super) online: bool,
    pub(super) just_run: Option<AttrValue>,
    pub(super) on_ask: Callback<Ask>,
}

#[component]
pub(super) fn TerminalHead(props: &TerminalHeadProps) -> Html {
    let prefs = use_prefs();
    let texts = prefs.lang.texts();
    let runs = use_runs().runs;
    let (size, reader) = (prefs.terminal_font, prefs.screen_reader);
    let resize = |px: u32| prefs.change.reform(move |_: MouseEvent| Change::TerminalFont(px));
    let ask = |what: Ask| props.on_ask.reform(move |_: MouseEvent| what);
    let current = props.list.current();
    let several = props.list.open().len() > 1;
    let tab = |number: u8| {
        let (here, name) = (number == current, name(&props.host, number));
        let place = place_now(runs.place(number), &texts.runs);
        let close = (texts.close_terminal)(&name);
        html! {
            <li key={number} class={classes!("terminal-tab", here.then_some("current"), (here && props.just_run.is_some()).then_some("just-run"))}>
                <button type="button" class="choose" aria-current={here.then_some("true")} onclick={ask(Ask::Choose(number))}>
                    { icon(Glyph::Prompt) }<span>{ name }</span>
                    if let Some(place) = place { <span class="terminal-place">{ place }</span> }
                </button>
                if several {
                    <button type="button" class="shut" aria-label={close.clone()} title={close} disabled={!props.online} onclick={ask(Ask::Close(number))}>{ icon(Glyph::Close) }</button>
                }
            </li>
        }
    };
    html! {
        <header class="terminal-head">
            <ul class="terminal-tabs" aria-label={texts.terminals}>{ for props.list.open().iter().map(|&number| tab(number)) }</ul>
            <button type="button" class="tool terminal-new" aria-label={texts.new_terminal} title={texts.new_terminal}
                disabled={!props.online || !props.list.has_room()} onclick={ask(Ask::New)}>{ icon(Glyph::Plus) }</button>
            <span class="just-run-word" role="status">{ props.just_run.as_ref().map(|line| (texts.typed)(line)) }</span>
            <div class="terminal-tools">
                <button type="button" class="tool" aria-label={texts.restart_terminal} title={texts.restart_terminal}
                    disabled={!props.online} onclick={ask(Ask::Restart(current))}>{ icon(Glyph::Again) }</button>
                <button type="button" class="tool" aria-pressed={if reader { "true" } else { "false" }} aria-label={texts.screen_reader} title={texts.screen_reader}
                    onclick={prefs.change.reform(move |_: MouseEvent| Change::ScreenReader(!reader))}>{ icon(Glyph::Ear) }</button>
                <button type="button" class="tool" aria-label={texts.smaller} title={texts.smaller} disabled={size <= *TERMINAL_FONT.start()} onclick={resize(size - 1)}>{ icon(Glyph::Smaller) }</button>
                <button type="button" class="tool" aria-label={texts.larger} title={texts.larger} disabled={size >= *TERMINAL_FONT.end()} onclick={resize(size + 1)}>{ icon(Glyph::Larger) }</button>
            </div>
        </header>
    }
}

/// `otto`, `otto 2`, `otto 3`.
fn name(host: &str, terminal: u8) -> String {
    match terminal {
        0 => host.to_owned(),
        number => format!("{host} {}", number + 1),
    }
}
