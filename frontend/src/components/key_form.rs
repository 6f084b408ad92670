//! Asks for the instructor's key.

use crate::prefs::use_texts;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct KeyFormProps {
    /// One was tried and is none.
    pub(crate) wrong: bool,
    pub(crate) on_key: Callback<String>,
}

#[component]
pub(crate) fn KeyForm(props: &KeyFormProps) -> Html {
    let texts = use_texts();
    let field = use_node_ref();
    let submit = {
        let (field, on_key) = (field.clone(), props.on_key.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(field) = field.cast::<HtmlInputElement>() {
                on_key.emit(key(&field.value()));
            }
        })
    };
    html! {
        <section class="start-form">
            <p class="lead">{ texts.instructor.key_lead }</p>
            <form onsubmit={submit}>
                <label for="key">{ texts.instructor.key }</label>
                <div class="field-row">
                    <input ref={field} id="key" name="key" type="password" autocomplete="off" required=true spellcheck="false"
                        aria-describedby="key-error" aria-invalid={props.wrong.then_some("true")} />
                    <button type="submit" class="primary">{ texts.instructor.open }</button>
                </div>
                <p id="key-error" class="error" role="alert">{ props.wrong.then_some(texts.not_instructor) }</p>
            </form>
        </section>
    }
}

/// The key of a whole link, too.
fn key(text: &str) -> String {
    text.rsplit('#').next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn a_link_is_as_good_as_its_key() {
        assert_eq!(key(" abc\n"), "abc");
        assert_eq!(key("http://localhost:8080/instructor#abc"), "abc");
        assert_eq!(key(""), "");
    }
}
