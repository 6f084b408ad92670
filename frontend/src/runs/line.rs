//! How a line is doing, beside it.

use super::handle::Choice;
use super::use_runs;
use crate::components::{Glyph, icon};
use crate::prefs::use_texts;
use protocol::deck::LineAddress;
use protocol::place::LineState;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct LineSignProps {
    pub(crate) line: LineAddress,
}

#[component]
pub(crate) fn LineSign(props: &LineSignProps) -> Html {
    let texts = &use_texts().runs;
    let handle = use_runs();
    let Some((_, state)) = handle.runs.line(props.line) else { return html! {} };
    let sign = |kind: &'static str, word: String, shown: Html| {
        html! { <span class={classes!("line-sign", kind)} role="img" aria-label={word.clone()} title={word}>{ shown }</span> }
    };
    match state {
        LineState::Waiting => {
            let cancel = handle.on_choice.reform({
                let line = props.line;
                move |_: MouseEvent| (line, Choice::Cancel)
            });
            html! {
                <span class="line-sign waiting">
                    <span>{ texts.waits }</span>
                    <button type="button" class="small" onclick={cancel}>{ texts.cancel }</button>
                </span>
            }
        }
        LineState::Running => sign("running", texts.runs.to_owned(), html! { "…" }),
        LineState::Done { exit_code: Some(0) } => sign("succeeded", texts.succeeded.to_owned(), icon(Glyph::Done)),
        LineState::Done { exit_code: Some(code) } => sign("failed", (texts.failed)(*code), html! { code }),
        LineState::Done { exit_code: None } => sign("typed", texts.typed.to_owned(), html! { "↵" }),
        LineState::Held { .. } | LineState::Cancelled => html! {},
    }
}
