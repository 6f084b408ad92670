//! The bar above the pages that are no workshop.

use super::mark;
use super::settings::Settings;
use yew::prelude::*;

pub(crate) fn start_bar() -> Html {
    html! {
        <header class="start-bar"><div class="workshop-name">{ mark() }<span>{ "Lernhafen" }</span></div><div class="bar-end"><Settings /></div></header>
    }
}
