//! The way in: a name, and a look at what awaits one.

use crate::components::{start_bar, use_title};
use crate::i18n::Texts;
use crate::net::{self, Failure};
use crate::prefs::{forget_place, use_texts};
use protocol::session::MAX_NAME;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Nothing,
    /// A session, which the server ended.
    Ended,
    /// A session, which its participant ended.
    Left,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct StartProps {
    pub(crate) after: After,
    /// The workshop's.
    pub(crate) title: Option<AttrValue>,
    pub(crate) on_joined: Callback<()>,
}

#[component]
pub(crate) fn Start(props: &StartProps) -> Html {
    let texts = use_texts();
    use_title(props.title.as_deref().unwrap_or(texts.start_title));
    let failure = use_state_eq(|| None::<Failure>);
    let busy = use_state_eq(|| false);
    let field = use_node_ref();
    use_effect_with(field.clone(), |field| {
        if let Some(field) = field.cast::<HtmlInputElement>() {
            // Where it can't be focused one can still click.
            let _ = field.focus();
        }
    });
    let join = {
        let (field, busy, failure, on_joined) =
            (field.clone(), busy.clone(), failure.setter(), props.on_joined.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(field) = field.cast::<HtmlInputElement>().filter(|_| !*busy) else { return };
            let (busy, failure, on_joined) = (busy.setter(), failure.clone(), on_joined.clone());
            busy.set(true);
            spawn_local(async move {
                let joined = net::join(field.value().trim()).await;
                busy.set(false);
                match joined {
                    Ok(_) => {
                        forget_place();
                        on_joined.emit(());
                    }
                    Err(why) => {
                        failure.set(Some(why));
                        let _ = field.focus();
                    }
                }
            });
        })
    };
    let note = match props.after {
        After::Nothing => None,
        After::Ended => Some(texts.session_ended),
        After::Left => Some(texts.left),
    };
    let wrong = failure.is_some().then_some("true");
    html! {
        <div class="start">
            { start_bar() }
            <main class="start-columns">
                <section class="start-form">
                    if let Some(title) = &props.title {
                        <h1>{ title }</h1>
                        <p class="slogan">{ texts.start_title }</p>
                    } else {
                        <h1>{ texts.start_title }</h1>
                    }
                    <p class="lead">{ texts.start_lead }</p>
                    if let Some(note) = note.filter(|_| failure.is_none()) { <p class="start-note" role="status">{ note }</p> }
                    <form onsubmit={join}>
                        <label for="name">{ texts.your_name }</label>
                        <div class="field-row">
                            <input ref={field} id="name" name="name" type="text" autocomplete="nickname" required=true maxlength={MAX_NAME.to_string()}
                                spellcheck="false" aria-describedby="name-hint name-error" aria-invalid={wrong} />
                            <button type="submit" class="primary" disabled={*busy}>{ if *busy { texts.entering } else { texts.enter } }</button>
                        </div>
                        <p id="name-hint" class="hint">{ texts.name_hint }</p>
                        <p id="name-error" class="error" role="alert">{ failure.as_ref().map(|why| texts.failure(why)) }</p>
                    </form>
                </section>
                { preview(texts) }
            </main>
        </div>
    }
}

/// The workshop in small: slide, terminal and pier, each with what it is for.
fn preview(texts: &Texts) -> Html {
    html! {
        <section class="preview" aria-label={texts.preview_label}>
            <div class="preview-page" aria-hidden="true">
                <div class="preview-paper"><b>{ texts.preview_slide }</b><i></i><i></i><code>{ "docker run -it debian" }</code></div>
                <div class="preview-terminal">
                    <p><span class="p">{ "du ~ # " }</span>{ "docker run -it debian" }</p>
                    <p><span class="p">{ "root@8c1f0e6a42d7:/# " }</span>{ "hostname" }</p>
                    <p>{ "8c1f0e6a42d7" }</p>
                    <p><span class="p">{ "root@8c1f0e6a42d7:/# " }</span><span class="caret"></span></p>
                </div>
                <div class="preview-pier"><span class="dot"></span>{ "eifriger_kutter" }<small>{ texts.running }</small></div>
            </div>
            <ol class="preview-legend">
                { for texts.preview_legend.iter().map(|(what, why)| html! { <li><strong>{ *what }</strong>{ " " }{ *why }</li> }) }
            </ol>
        </section>
    }
}
