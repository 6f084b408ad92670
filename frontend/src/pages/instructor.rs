//! The instructor's page: whether the workshop has what it needs.

use super::Loading;
use crate::components::{KeyForm, PreflightView, start_bar, use_title};
use crate::net::{self, Failure};
use crate::prefs::use_texts;
use gloo::timers::callback::Interval;
use protocol::instructor::Preflight;
use protocol::session::ProblemCode;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// How often the server is asked while images are being built or fetched, and otherwise, in milliseconds.
const WHILE_RUNNING: u32 = 1_000;
const WHILE_IDLE: u32 = 15_000;

#[derive(Debug, Clone, PartialEq)]
enum View {
    Loading,
    Stuck(Failure),
    /// Asks for the key; `wrong` if one was tried.
    Locked {
        wrong: bool,
    },
    /// `lost`: the newest news didn't come.
    Open {
        preflight: Rc<Preflight>,
        lost: bool,
    },
}

#[component]
pub(crate) fn Instructor() -> Html {
    let texts = use_texts();
    let view = use_reducer_eq(|| Seen(View::Loading));
    let see = use_callback(view.dispatcher(), |answer: Result<Preflight, Failure>, view| view.dispatch(answer));
    let look = use_callback(see.clone(), |(), see| {
        let see = see.clone();
        spawn_local(async move { see.emit(net::preflight().await) });
    });
    let begin = use_callback(see.clone(), |(), see| {
        let see = see.clone();
        spawn_local(async move { see.emit(net::begin_preflight().await) });
    });
    let identify = use_callback(see, |key: String, see| {
        let see = see.clone();
        spawn_local(async move {
            let identified = net::identify(&key).await;
            see.emit(match identified {
                Ok(()) => net::preflight().await,
                Err(failure) => Err(failure),
            });
        });
    });
    use_effect_with((), {
        let (look, identify) = (look.clone(), identify.clone());
        move |()| match key_of_address() {
            Some(key) => identify.emit(key),
            None => look.emit(()),
        }
    });
    use_title(texts.instructor.title);
    use_effect_with(matches!(view.0, View::Open { .. }), |open| {
        if *open {
            hide_key();
        }
    });
    let pause = match &view.0 {
        View::Open { preflight, lost } if preflight.running || *lost => Some(WHILE_RUNNING),
        View::Open { .. } => Some(WHILE_IDLE),
        _ => None,
    };
    use_effect_with((pause, look.clone()), |(pause, look)| {
        let look = look.clone();
        let interval = pause.map(|pause| Interval::new(pause, move || look.emit(())));
        move || drop(interval)
    });

    let content = match &view.0 {
        View::Loading => return html! { <Loading on_retry={look} /> },
        View::Stuck(failure) => return html! { <Loading failure={failure.clone()} on_retry={look} /> },
        View::Locked { wrong } => html! { <KeyForm wrong={*wrong} on_key={identify} /> },
        View::Open { preflight, lost } => {
            html! { <PreflightView preflight={preflight.clone()} lost={*lost} on_begin={begin} /> }
        }
    };
    html! {
        <div class="instructor">
            { start_bar() }
            <main class="instructor-page">
                <h1>{ texts.instructor.title }</h1>
                { content }
            </main>
        </div>
    }
}

/// What is shown after what was heard.
#[derive(Debug, Clone, PartialEq)]
struct Seen(View);

impl Reducible for Seen {
    type Action = Result<Preflight, Failure>;

    fn reduce(self: Rc<Self>, answer: Self::Action) -> Rc<Self> {
        let view = match (answer, &self.0) {
            (Ok(preflight), _) => View::Open { preflight: Rc::new(preflight), lost: false },
            (Err(Failure::Problem(problem)), before) if problem.code == ProblemCode::NotInstructor => {
                // The first look is made without a key, unless the address has one.
                View::Locked { wrong: !matches!(before, View::Loading) || had_key() }
            }
            // What was known stays on the page.
            (Err(_), View::Open { preflight, .. }) => View::Open { preflight: preflight.clone(), lost: true },
            (Err(failure), _) => View::Stuck(failure),
        };
        Rc::new(Self(view))
    }
}

/// The key that the address ends with.
fn key_of_address() -> Option<String> {
    let hash = web_sys::window()?.location().hash().ok()?;
    hash.strip_prefix('#').filter(|key| !key.is_empty()).map(str::to_owned)
}

fn had_key() -> bool {
    key_of_address().is_some()
}

/// Takes the key out of the address once the cookie has it: whoever looks at a projector sees addresses.
fn hide_key() {
    let Some(history) = web_sys::window().filter(|_| had_key()).and_then(|window| window.history().ok()) else {
        return;
    };
    // A browser that refuses leaves the address as it was.
    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("/instructor"));
}
