//! The terminals' part of the page: their tabs and tools, the one in front, pale while the line is down, and what there is to say of it.

use super::head::TerminalHead;
use super::screen_view::ScreenView;
use super::{Screens, TerminalList};
use crate::i18n::Texts;
use crate::net::Status;
use crate::prefs::use_texts;
use protocol::session::Problem;
use yew::prelude::*;

/// What is asked of the terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Choose(u8),
    New,
    Close(u8),
    Restart(u8),
    /// Whatever isn't there: the terminal's shell, or the host.
    Retry,
    /// Set the whole host up anew.
    Reset,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct TerminalViewProps {
    pub(crate) screens: Screens,
    pub(crate) list: TerminalList,
    pub(crate) host: AttrValue,
    pub(crate) status: Status,
    /// Why the terminal in front has no shell.
    pub(crate) no_shell: Option<Problem>,
    /// Why there is no host to have terminals.
    pub(crate) no_host: Option<Problem>,
    /// What the deck has just had typed.
    pub(crate) just_run: Option<AttrValue>,
    pub(crate) on_ask: Callback<Ask>,
}

#[component]
pub(crate) fn TerminalView(props: &TerminalViewProps) -> Html {
    let texts = use_texts();
    let current = props.list.current();
    // What nobody has looked at yet, nobody has to draw.
    let drawn = props.list.open().iter().filter(|&&number| number == current || props.screens.find(number).is_some());
    // A list of its own: among others that have no keys, a new terminal would take an old one's place.
    let places: Html = drawn
        .map(|&number| html! { <ScreenView key={number} screens={props.screens.clone()} terminal={number} shown={number == current} /> })
        .collect();
    html! {
        <section class={classes!("terminal", (!matches!(props.status, Status::Connecting | Status::Online)).then_some("away"))} aria-label={texts.terminal_label}>
            <TerminalHead list={props.list.clone()} host={props.host.clone()} online={props.status == Status::Online}
                just_run={props.just_run.clone()} on_ask={props.on_ask.clone()} />
            <div class="terminal-places" data-region="terminal">
                { places }
                { over(props, texts) }
            </div>
        </section>
    }
}

/// What lies over the screen.
fn over(props: &TerminalViewProps, texts: &Texts) -> Html {
    let ask = |what: Ask| props.on_ask.reform(move |_: MouseEvent| what);
    let problem = if props.status == Status::Online { &props.no_shell } else { &props.no_host };
    if let Some(problem) = problem {
        return html! {
            <div class="terminal-over" role="alert">
                <p>{ texts.problem(problem) }</p>
                <p class="actions">
                    <button type="button" class="small" onclick={ask(Ask::Retry)}>{ texts.retry }</button>
                    <button type="button" class="small" onclick={ask(Ask::Reset)}>{ texts.reset_host }</button>
                </p>
            </div>
        };
    }
    if props.status == Status::Connecting {
        return html! { <p class="terminal-wait patient" role="status">{ texts.connecting_long }</p> };
    }
    html! {}
}
