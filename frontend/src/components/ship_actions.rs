//! What can be done with a container from the pier.

use crate::i18n::Texts;
use protocol::harbour::{ContainerAction, Ship, ShipState};
use yew::prelude::*;

/// Something is to be done with a container.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Act {
    pub(crate) ship: Ship,
    pub(crate) action: ContainerAction,
}

/// What is possible now, as buttons; or, while it is being done, what.
pub(super) fn ship_actions(
    ship: &Ship,
    acting: Option<ContainerAction>,
    texts: &Texts,
    on_act: &Callback<Act>,
) -> Html {
    let button = |action: ContainerAction, word: &'static str| {
        let act = Act { ship: ship.clone(), action };
        html! {
            <button type="button" class="small" aria-label={format!("{word}: {}", ship.name)} onclick={on_act.reform(move |_: MouseEvent| act.clone())}>{ word }</button>
        }
    };
    let stopping = acting == Some(ContainerAction::Stop);
    html! {
        <span class="ship-actions">
            if let Some(acting) = acting {
                <span class="acting" role="status">{ match acting {
                    ContainerAction::Stop => texts.stopping,
                    ContainerAction::Kill => texts.killing,
                    ContainerAction::Remove => texts.removing,
                } }</span>
            }
            if ship.state == ShipState::Created || ship.state == ShipState::Exited {
                if acting.is_none() { { button(ContainerAction::Remove, texts.remove) } }
            } else {
                if acting.is_none() { { button(ContainerAction::Stop, texts.stop) } }
                // Who doesn't want to wait for a stop.
                if acting.is_none() || stopping { { button(ContainerAction::Kill, texts.kill) } }
            }
        </span>
    }
}
