//! The map of the keys, and on a phone the settings.

use super::dialog::Dialog;
use super::settings::Settings;
use crate::prefs::use_texts;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct HelpProps {
    pub(crate) open: bool,
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn Help(props: &HelpProps) -> Html {
    let texts = use_texts();
    let groups = texts.key_map.iter().map(|(title, keys)| {
        let rows = keys.iter().map(|(keys, meaning)| {
            let keys = keys.split(' ').map(|key| html! { <kbd>{ key }</kbd> });
            html! { <div><dt>{ for keys }</dt><dd>{ *meaning }</dd></div> }
        });
        html! { <section><h3>{ *title }</h3><dl class="keys">{ for rows }</dl></section> }
    });
    html! {
        <Dialog open={props.open} title={texts.help} on_close={props.on_close.clone()}>
            <div class="help-settings"><Settings /></div>
            <div class="key-map">{ for groups }</div>
        </Dialog>
    }
}
