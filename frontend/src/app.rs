//! The root: the reader's choices, and which page is shown.

use crate::net::{self, Failure};
use crate::pages::{After, Instructor, Loading, Start, Workshop};
use crate::prefs::{Prefs, PrefsHandle};
use protocol::Deck;
use protocol::session::{ProblemCode, Session};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// How far the reader has come.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    /// Asking for the session and the deck.
    Loading,
    /// That didn't work.
    Stuck(Failure),
    /// Nobody yet, or nobody any more. The title is missing if the server didn't tell.
    Start {
        after: After,
        title: Option<AttrValue>,
    },
    Workshop(Session, Rc<Deck>),
}

#[component]
pub(crate) fn App() -> Html {
    let reducer = use_reducer(Prefs::default);
    let prefs = PrefsHandle {
        prefs: Rc::new((*reducer).clone()),
        change: use_callback(reducer.dispatcher(), |change, dispatcher| dispatcher.dispatch(change)),
    };
    use_effect_with((prefs.lang, prefs.theme), |(lang, theme)| {
        let root =
            web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
        if let Some(root) = root {
            // The two attributes are names that every element takes.
            let _ = root.set_attribute("lang", lang.code());
            let _ = root.set_attribute("data-theme", theme.name());
        }
    });

    let page = if is_instructors() {
        html! { <Instructor /> }
    } else {
        html! { <Participant /> }
    };
    html! { <ContextProvider<PrefsHandle> context={prefs}>{ page }</ContextProvider<PrefsHandle>> }
}

/// Whether the address is the instructor's page.
fn is_instructors() -> bool {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok());
    path.is_some_and(|path| path.trim_end_matches('/') == "/instructor")
}

/// From the first look to the workshop.
#[component]
fn Participant() -> Html {
    let stage = use_state_eq(|| Stage::Loading);
    let enter = use_callback(stage.setter(), |(), stage| {
        let stage = stage.clone();
        stage.set(Stage::Loading);
        spawn_local(async move { stage.set(entered().await) });
    });
    use_effect_with(enter.clone(), |enter| enter.emit(()));

    match &*stage {
        Stage::Loading => html! { <Loading on_retry={enter} /> },
        Stage::Stuck(failure) => html! { <Loading failure={failure.clone()} on_retry={enter} /> },
        Stage::Start { after, title } => html! { <Start after={*after} title={title.clone()} on_joined={enter} /> },
        Stage::Workshop(session, deck) => {
            let (stage, title) = (stage.setter(), AttrValue::from(session.workshop.clone()));
            let on_over = Callback::from(move |after| stage.set(Stage::Start { after, title: Some(title.clone()) }));
            html! { <Workshop session={session.clone()} deck={deck.clone()} {on_over} /> }
        }
    }
}

async fn entered() -> Stage {
    let session = match net::session().await {
        Ok(session) => session,
        Err(Failure::Problem(problem)) if problem.code == ProblemCode::NoSession => {
            let title = net::workshop().await.ok().map(|workshop| workshop.title.into());
            return Stage::Start { after: After::Nothing, title };
        }
        Err(failure) => return Stage::Stuck(failure),
    };
    match net::deck().await {
        Ok(deck) => Stage::Workshop(session, Rc::new(deck)),
        Err(failure) => Stage::Stuck(failure),
    }
}
