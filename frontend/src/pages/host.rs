//! What concerns the whole host: to set it up anew, to leave the workshop, to remove a container. Each asks first.

use super::connection::Connection;
use crate::components::{Act, Confirm};
use crate::i18n::Texts;
use crate::net::{self, Failure};
use crate::prefs::use_texts;
use protocol::harbour::{ContainerAction, Harbour, Ship};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Question {
    Reset,
    Leave,
    /// A container that doesn't run.
    Remove(Ship),
}

/// Does what is asked for at the pier, but for a removal: that asks first.
#[hook]
pub(super) fn use_act(connection: &Connection, on_remove: Callback<Ship>) -> Callback<Act> {
    use_callback((connection.clone(), on_remove), |Act { ship, action }: Act, (connection, on_remove)| match action {
        ContainerAction::Remove => on_remove.emit(ship),
        action => connection.act(ship.id, action),
    })
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct HostQuestionProps {
    pub(super) question: Option<Question>,
    /// `None` if it isn't known what is there.
    pub(super) harbour: Option<Rc<Harbour>>,
    pub(super) on_left: Callback<()>,
    /// The id of a container that is to be removed.
    pub(super) on_remove: Callback<String>,
    pub(super) on_close: Callback<()>,
}

#[component]
pub(super) fn HostQuestion(props: &HostQuestionProps) -> Html {
    let texts = use_texts();
    let busy = use_state_eq(|| false);
    let failure = use_state_eq(|| None::<Failure>);
    let close = {
        let (failure, on_close) = (failure.setter(), props.on_close.clone());
        Callback::from(move |()| {
            failure.set(None);
            on_close.emit(());
        })
    };
    let yes = {
        let (props, close) = (props.clone(), close.clone());
        let (busy, failure) = (busy.setter(), failure.setter());
        Callback::from(move |()| {
            let Some(question) = props.question.clone() else { return };
            let on_left = props.on_left.clone();
            if let Question::Remove(ship) = question {
                props.on_remove.emit(ship.id);
                return close.emit(());
            }
            let (busy, failure, close) = (busy.clone(), failure.clone(), close.clone());
            busy.set(true);
            failure.set(None);
            spawn_local(async move {
                let leaves = question == Question::Leave;
                let done = if leaves { net::leave().await } else { net::reset().await };
                busy.set(false);
                match done {
                    Ok(()) => {
                        close.emit(());
                        if leaves {
                            on_left.emit(());
                        }
                    }
                    Err(why) => failure.set(Some(why)),
                }
            });
        })
    };
    let Some(question) = &props.question else { return html! {} };
    let (title, action, doing) = match question {
        Question::Reset => (texts.reset_host, texts.reset_it, texts.resetting),
        Question::Leave => (texts.leave, texts.leave_it, texts.leaving),
        Question::Remove(_) => (texts.remove_container, texts.remove, texts.remove),
    };
    let explanation = match question {
        Question::Remove(ship) => html! { <p>{ (texts.remove_lost)(&ship.name) }</p> },
        whole => html! {
            <>
                <p>{ texts.lost }</p>
                <ul>{ for lost(props.harbour.as_deref(), texts).into_iter().map(|what| html! { <li>{ what }</li> }) }</ul>
                <p>{ if *whole == Question::Leave { texts.leave_kept } else { texts.reset_kept } }</p>
            </>
        },
    };
    html! {
        <Confirm open=true {title} action={if *busy { doing } else { action }} busy={*busy}
            failure={failure.as_ref().map(|why| AttrValue::from(texts.failure(why)))} on_yes={yes} on_close={close}>
            { explanation }
        </Confirm>
    }
}

/// What would be gone with the host.
fn lost(harbour: Option<&Harbour>, texts: &Texts) -> Vec<String> {
    let Some(harbour) = harbour else { return vec![texts.lost_all.to_owned()] };
    let images = harbour.images.iter().filter(|image| image.own).count();
    let mut lost = Vec::new();
    if !harbour.containers.is_empty() {
        lost.push((texts.lost_containers)(harbour.containers.len()));
    }
    if images > 0 {
        lost.push((texts.lost_images)(images));
    }
    lost.push(texts.lost_files.to_owned());
    lost
}
