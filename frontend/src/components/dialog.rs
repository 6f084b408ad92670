//! A window over the page that takes the keyboard until it is closed.

use super::icon::{Glyph, icon};
use crate::prefs::use_texts;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct DialogProps {
    pub(crate) open: bool,
    pub(crate) title: AttrValue,
    pub(crate) on_close: Callback<()>,
    pub(crate) children: Html,
}

#[component]
pub(crate) fn Dialog(props: &DialogProps) -> Html {
    let texts = use_texts();
    let node = use_node_ref();
    use_effect_with((node.clone(), props.open), |(node, open)| {
        let Some(dialog) = node.cast::<HtmlDialogElement>() else { return };
        if *open && !dialog.open() {
            // Fails only if it is off the page, and then there is nothing to show.
            let _ = dialog.show_modal();
        } else if !*open && dialog.open() {
            dialog.close();
        }
    });
    let close = props.on_close.reform(|_: MouseEvent| ());
    let beside = {
        let (node, close) = (node.clone(), props.on_close.clone());
        Callback::from(move |event: MouseEvent| {
            let dialog = node.cast::<HtmlDialogElement>().map(web_sys::EventTarget::from);
            if dialog.is_some() && event.target() == dialog {
                close.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class="dialog" aria-labelledby="dialog-title" onclose={props.on_close.reform(|_| ())} onclick={beside}>
            if props.open {
                <div class="dialog-body">
                    <header>
                        <h2 id="dialog-title">{ &props.title }</h2>
                        <button type="button" class="tool" aria-label={texts.close} title={texts.close} onclick={close}>{ icon(Glyph::Close) }</button>
                    </header>
                    { props.children.clone() }
                </div>
            }
        </dialog>
    }
}
