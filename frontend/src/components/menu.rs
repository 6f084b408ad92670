//! A few choices side by side, one of them taken.

use yew::prelude::*;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    /// What the button shows.
    pub(crate) face: Html,
    /// What the button says after its face, and to those who don't see that.
    pub(crate) name: AttrValue,
    pub(crate) taken: bool,
    pub(crate) on_take: Callback<()>,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct ChoicesProps {
    pub(crate) label: AttrValue,
    pub(crate) choices: Vec<Choice>,
}

#[component]
pub(crate) fn Choices(props: &ChoicesProps) -> Html {
    let buttons = props.choices.iter().map(|choice| {
        let pressed = if choice.taken { "true" } else { "false" };
        html! {
            <button type="button" aria-pressed={pressed} title={&choice.name} onclick={choice.on_take.reform(|_| ())}>
                { choice.face.clone() }{ " " }<span class="visually-hidden">{ &choice.name }</span>
            </button>
        }
    });
    html! { <div class="choices" role="group" aria-label={&props.label}>{ for buttons }</div> }
}
