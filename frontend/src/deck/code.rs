//! A code block, line by line: each can be in the light of a step, and be run in the learner's terminal.

use crate::clipboard;
use crate::components::{Glyph, icon};
use crate::i18n::Texts;
use crate::prefs::use_texts;
use crate::runs::{LineSign, RunPanel, place_now, suits, use_runs};
use gloo::timers::callback::Timeout;
use protocol::deck::{CodeBlock, CodeLine, LineAddress, NotYet};
use yew::prelude::*;

/// How long the copy button says that it has copied, in milliseconds.
const COPIED: u32 = 2_000;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct CodeProps {
    pub(super) code: CodeBlock,
    /// First and last lines in the light, from 1; without it all are.
    pub(super) lit: Option<Vec<(u32, u32)>>,
    /// Of this block; its line doesn't matter.
    pub(super) address: LineAddress,
    pub(super) on_run: Callback<LineAddress>,
}

#[component]
pub(super) fn Code(props: &CodeProps) -> Html {
    let texts = use_texts();
    let handle = use_runs();
    let place = handle.runs.place(handle.terminal);
    let runs = props.code.lines.iter().any(|line| line.runnable);
    let lines = props.code.lines.iter().zip(0..).map(|(line, number)| {
        let light = props.lit.as_ref().map(|ranges| {
            let lit = ranges.iter().any(|(first, last)| (*first..=*last).contains(&(number + 1)));
            if lit { "lit" } else { "dimmed" }
        });
        let address = LineAddress { line: number, ..props.address };
        let run = props.on_run.reform(move |_: MouseEvent| address);
        let beside = html! {
            if line.runnable {
                <LineSign line={address} />
                <RunPanel line={address} inside={line.inside} />
            }
        };
        code_line(line, light, run, suits(place, line.inside), beside, texts)
    });
    let now = if runs { place_now(place, &texts.runs) } else { None };
    html! {
        <div class={classes!("code", runs.then_some("runs"))}>
            <ol class="code-lines">{ for lines }</ol>
            if let Some(now) = now { <p class="code-place" lang={texts.code}>{ now }</p> }
            if let Some(not_yet) = &props.code.not_yet { { marked(not_yet, texts) } }
            <CopyButton text={text(&props.code)} />
        </div>
    }
}

/// Says of a block that it can't be run yet; why, to those who ask.
fn marked(not_yet: &NotYet, texts: &Texts) -> Html {
    let own = !not_yet.reason.is_empty();
    html! {
        <details class="not-yet">
            <summary lang={texts.code}>{ texts.runs.not_yet }</summary>
            <p lang={(!own).then_some(texts.code)}>{ if own { not_yet.reason.clone() } else { texts.runs.not_yet_reason.to_owned() } }</p>
        </details>
    }
}

fn code_line(
    line: &CodeLine,
    light: Option<&'static str>,
    run: Callback<MouseEvent>,
    suits: bool,
    beside: Html,
    texts: &Texts,
) -> Html {
    let (prompt, rest) = split_prompt(&line.text);
    html! {
        <li class={classes!("code-line", light)}>
            if line.runnable {
                <button type="button" class={classes!("run", (!suits).then_some("elsewhere"))} aria-label={(texts.run)(rest)} title={texts.run_hint} onclick={run}>{ icon(Glyph::Run) }</button>
            }
            <code>
                if !prompt.is_empty() { <span class="prompt">{ prompt }</span> }
                { rest }
            </code>
            { beside }
        </li>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct CopyProps {
    text: AttrValue,
}

#[component]
fn CopyButton(props: &CopyProps) -> Html {
    let texts = use_texts();
    let copied = use_state_eq(|| false);
    let copy = {
        let (set, text) = (copied.setter(), props.text.clone());
        move |_: MouseEvent| {
            let set = set.clone();
            clipboard::copy(
                text.to_string(),
                Callback::from(move |worked| {
                    set.set(worked);
                    let set = set.clone();
                    Timeout::new(COPIED, move || set.set(false)).forget();
                }),
            );
        }
    };
    let (glyph, word) = if *copied { (Glyph::Done, texts.copied) } else { (Glyph::Copy, texts.copy) };
    html! {
        <button type="button" class={classes!("copy", (*copied).then_some("done"))} aria-label={word} title={word} onclick={copy}>{ icon(glyph) }</button>
    }
}

/// The block as one would paste it: without prompts.
fn text(code: &CodeBlock) -> String {
    let lines: Vec<_> = code.lines.iter().map(|line| split_prompt(&line.text).1).collect();
    lines.join("\n")
}

fn split_prompt(text: &str) -> (&str, &str) {
    let end = if text.starts_with("$ ") { 2 } else { 0 };
    text.split_at(end)
}
