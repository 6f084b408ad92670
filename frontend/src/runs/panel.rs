//! What is asked when a line would go astray: what goes on in the terminal, and what helps.

use super::handle::Choice;
use super::place::suits;
use super::state::Asking;
use super::use_runs;
use crate::components::{Glyph, icon};
use crate::i18n::{RunTexts, Texts};
use crate::prefs::use_texts;
use protocol::deck::LineAddress;
use protocol::place::{Obstacle, Place, RunHow};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct RunPanelProps {
    pub(crate) line: LineAddress,
    /// The line belongs into a container.
    pub(crate) inside: bool,
}

/// The panel of one line, while there is something to ask about it.
#[component]
pub(crate) fn RunPanel(props: &RunPanelProps) -> Html {
    let texts = use_texts();
    let handle = use_runs();
    let node = use_node_ref();
    let asking = handle.runs.asking(props.line).cloned();
    use_effect_with((node.clone(), asking.is_some()), |(node, open)| {
        if *open {
            show(node);
        }
    });
    let Some(asking) = asking else { return html! {} };
    let choose = |choice: Choice| {
        let line = props.line;
        handle.on_choice.reform(move |_: MouseEvent| (line, choice))
    };
    let close_by_key = {
        let (on_choice, line) = (handle.on_choice.clone(), props.line);
        Callback::from(move |event: KeyboardEvent| {
            // The page's own keys turn slides.
            event.stop_propagation();
            if event.key() == "Escape" {
                event.prevent_default();
                on_choice.emit((line, Choice::Close));
            }
        })
    };
    let (lead, detail) = words(&asking, props.inside, &texts.runs);
    let mut choices = choices(&asking.obstacle, props.inside);
    choices.retain(|choice| *choice != Choice::Beside || handle.has_beside);
    html! {
        <div ref={node} class="run-panel" popover="manual" role="dialog" aria-labelledby="run-panel-lead" lang={texts.code} onkeydown={close_by_key}>
            <header>
                <p id="run-panel-lead">{ lead }</p>
                <button type="button" class="tool" aria-label={texts.close} title={texts.close} onclick={choose(Choice::Close)}>{ icon(Glyph::Close) }</button>
            </header>
            if let Some(detail) = detail { <p class="detail">{ detail }</p> }
            <div class="choices-down">
                { for choices.iter().enumerate().map(|(at, choice)| html! {
                    <button type="button" class={if at == 0 { "primary" } else { "small" }} onclick={choose(*choice)}>{ label(*choice, texts) }</button>
                }) }
            </div>
        </div>
    }
}

/// What goes on, and what the line needs.
fn words(asking: &Asking, inside: bool, texts: &RunTexts) -> (Html, Option<&'static str>) {
    let code = |(before, command, after): (&'static str, &str, &'static str)| {
        html! { <>{ before }<code>{ command.to_owned() }</code>{ after }</> }
    };
    let needs = if inside { Some(texts.needs_container) } else { None };
    match &asking.obstacle {
        Obstacle::Exists { container, running } => {
            let (before, after) = if *running { texts.exists_running } else { texts.exists };
            (code((before, container, after)), Some(texts.exists_detail))
        }
        Obstacle::Elsewhere { place } => match place {
            place if suits(place, inside) => (html! { texts.free }, None),
            Place::Unknown | Place::Prompt => (html! { texts.at_prompt }, needs),
            Place::Busy { command } => (code((texts.busy.0, command, texts.busy.1)), needs),
            Place::Question { command } => (code((texts.question.0, command, texts.question.1)), needs),
            Place::FullScreen { command } => (code((texts.full_screen.0, command, texts.full_screen.1)), needs),
            Place::Foreign { command } => (code((texts.foreign.0, command, texts.foreign.1)), needs),
            Place::Container { name: Some(name), .. } => {
                (code((texts.in_container.0, name, texts.in_container.1)), None)
            }
            Place::Container { name: None, command } => {
                (code((texts.in_some_container.0, command, texts.in_some_container.1)), None)
            }
        },
    }
}

/// What helps, the best first.
fn choices(obstacle: &Obstacle, inside: bool) -> Vec<Choice> {
    const NOW: Choice = Choice::Run(RunHow::IfFree);
    const WAIT: Choice = Choice::Run(RunHow::WhenFree);
    const ANYWAY: Choice = Choice::Run(RunHow::Anyway);
    match obstacle {
        Obstacle::Exists { .. } => vec![Choice::Run(RunHow::Replacing), ANYWAY],
        Obstacle::Elsewhere { place } if suits(place, inside) => vec![NOW],
        Obstacle::Elsewhere { place } => match place {
            Place::Unknown | Place::Prompt => vec![Choice::Close, ANYWAY],
            Place::Busy { .. } | Place::Question { .. } => outside(&[WAIT, Choice::Interrupt], inside),
            Place::FullScreen { .. } => outside(&[WAIT], inside),
            Place::Foreign { .. } => outside(&[Choice::Leave, Choice::Interrupt, WAIT], inside),
            Place::Container { .. } => outside(&[Choice::Leave, WAIT], inside),
        },
    }
}

/// A line for the host's own prompt can go to another terminal; one for a container can't.
fn outside(first: &[Choice], inside: bool) -> Vec<Choice> {
    let beside = (!inside).then_some(Choice::Beside);
    first.iter().copied().chain(beside).chain([Choice::Run(RunHow::Anyway)]).collect()
}

fn label(choice: Choice, texts: &Texts) -> &'static str {
    match choice {
        Choice::Run(RunHow::IfFree) => texts.runs.run_now,
        Choice::Run(RunHow::WhenFree) => texts.runs.wait,
        Choice::Run(RunHow::Anyway) => texts.runs.anyway,
        Choice::Run(RunHow::Replacing) => texts.runs.replace,
        Choice::Interrupt => texts.runs.interrupt,
        Choice::Leave => texts.runs.leave,
        Choice::Beside => texts.runs.beside,
        Choice::Cancel => texts.runs.cancel,
        Choice::Close => texts.close,
    }
}

/// Shows the panel below its line, above everything that would cut it off, with the focus on what helps best.
fn show(node: &NodeRef) {
    let Some(panel) = node.cast::<HtmlElement>() else { return };
    // Without popovers the panel is a part of the slide.
    let _ = panel.show_popover();
    let line = panel.closest(".code-line").ok().flatten();
    if let (Some(line), Some(window)) = (line, web_sys::window()) {
        let (line, own) = (line.get_bounding_client_rect(), panel.get_bounding_client_rect());
        let inner = |size: Result<wasm_bindgen::JsValue, _>| size.ok().and_then(|size| size.as_f64()).unwrap_or(0.0);
        let (width, height) = (inner(window.inner_width()), inner(window.inner_height()));
        let below = line.bottom() + GAP;
        let top = if below + own.height() + GAP > height { line.top() - own.height() - GAP } else { below };
        let left = line.left().min(width - own.width() - GAP).max(GAP);
        // Both are properties that every element takes.
        let _ = panel.style().set_property("top", &format!("{}px", top.max(GAP)));
        let _ = panel.style().set_property("left", &format!("{left}px"));
    }
    let first: Option<Element> = panel.query_selector(".primary").ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        // It can be reached without.
        let _ = first.focus();
    }
}

/// Between line, panel and the window's edge, in CSS pixels.
const GAP: f64 = 6.0;
