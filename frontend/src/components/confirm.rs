//! Asks before something is lost, and says what.

use super::dialog::Dialog;
use crate::prefs::use_texts;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct ConfirmProps {
    pub(crate) open: bool,
    pub(crate) title: AttrValue,
    /// What the button says that does it.
    pub(crate) action: AttrValue,
    /// It is being done.
    #[prop_or_default]
    pub(crate) busy: bool,
    /// Why it wasn't done.
    #[prop_or_default]
    pub(crate) failure: Option<AttrValue>,
    pub(crate) on_yes: Callback<()>,
    pub(crate) on_close: Callback<()>,
    /// What would be lost.
    pub(crate) children: Html,
}

#[component]
pub(crate) fn Confirm(props: &ConfirmProps) -> Html {
    let texts = use_texts();
    html! {
        <Dialog open={props.open} title={props.title.clone()} on_close={props.on_close.clone()}>
            <div class="confirm">
                { props.children.clone() }
                <p class="error" role="alert">{ props.failure.clone() }</p>
                <p class="actions">
                    <button type="button" class="primary" disabled={props.busy} onclick={props.on_yes.reform(|_: MouseEvent| ())}>{ &props.action }</button>
                    <button type="button" class="secondary" onclick={props.on_close.reform(|_: MouseEvent| ())}>{ texts.cancel }</button>
                </p>
            </div>
        </Dialog>
    }
}
