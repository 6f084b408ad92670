//! Before the first page: what is waited for, or why it didn't come.

use crate::components::mark;
use crate::net::Failure;
use crate::prefs::use_texts;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct LoadingProps {
    #[prop_or_default]
    pub(crate) failure: Option<Failure>,
    pub(crate) on_retry: Callback<()>,
}

#[component]
pub(crate) fn Loading(props: &LoadingProps) -> Html {
    let texts = use_texts();
    html! {
        <main class="loading">
            { mark() }
            if let Some(failure) = &props.failure {
                <p role="alert">{ texts.failure(failure) }</p>
                <button type="button" class="primary" onclick={props.on_retry.reform(|_| ())}>{ texts.retry }</button>
            } else {
                <p role="status" class="patient">{ texts.loading }</p>
            }
        </main>
    }
}
