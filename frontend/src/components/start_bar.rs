//! The bar above the pages that are no workshop.

use yew::prelude::*;

use super::{mark, settings::Settings};

pub(crate) fn start_bar() -> Html {
    html! {
        <header class="start-bar"><div class="workshop-name">{ mark() }<span>{ "Lernhafen" }</span></div><div class="bar-end"><Settings /></div></header>
    }
}
