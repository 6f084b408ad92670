//! A container as a ship: what it carries and how it lies tell its state, besides colour and word.

use crate::i18n::Texts;
use protocol::harbour::{Ship, ShipState};
use yew::prelude::*;

/// The class that gives the state its colour.
pub(crate) fn class_of(ship: &Ship) -> &'static str {
    match (ship.state, ship.exit_code) {
        (ShipState::Created, _) => "created",
        (ShipState::Running, _) => "running",
        (ShipState::Paused, _) => "paused",
        (ShipState::Restarting, _) => "restarting",
        (ShipState::Exited, None | Some(0)) => "stopped",
        (ShipState::Exited, Some(_)) => "failed",
    }
}

/// The id of its row in the table.
pub(super) fn row_id(ship: &Ship) -> String {
    format!("ship-{}", ship.id)
}

/// The state in words, with the exit code if there is one.
pub(crate) fn word_for(ship: &Ship, texts: &Texts) -> String {
    match (ship.state, ship.exit_code) {
        (ShipState::Created, _) => texts.created.to_owned(),
        (ShipState::Running, _) => texts.running.to_owned(),
        (ShipState::Paused, _) => texts.paused.to_owned(),
        (ShipState::Restarting, _) => texts.restarting.to_owned(),
        (ShipState::Exited, None) => texts.exited.to_owned(),
        (ShipState::Exited, Some(code)) => format!("{} ({code})", texts.exited),
    }
}

/// Under way with a flag, paused with two bars, turning round when it is to start again, at anchor when stopped, marked when failed, empty before its first voyage.
pub(crate) fn drawing(ship: &Ship) -> Html {
    let sign = match class_of(ship) {
        "created" => html! {},
        "running" => html! { <path class="sign" d="M8 1.500v8M8 2h5.500L12 4l1.5 2H8" /> },
        "paused" => html! { <path class="sign bars" d="M9 2.500v6M13 2.500v6" /> },
        "restarting" => html! { <path class="sign" d="M14 6a3 3 0 1 1-1-2.500M13.500 1.500v2.200h-2.200" /> },
        "failed" => html! { <path class="sign bars" d="m8.5 3 5 5.500M13.5 3l-5 5.5" /> },
        _ => html! { <path class="sign solid" d="M8.5 3h5.500v5.500H8.500z" /> },
    };
    html! {
        <svg class="ship-drawing" viewBox="0 0 36 24" aria-hidden="true" focusable="false">
            { sign }
            <path class="cargo" d="M17 5.500h5.500v4H17zM24 5.500h5.500v4H24z" />
            <path class="hull" d="M3 11.500h30l-3.5 7h-22z" />
            <path class="water" d="M2 22c2 0 2-1.4 4-1.400S8 22 10 22s2-1.4 4-1.4 2 1.4 4 1.4 2-1.4 4-1.4 2 1.4 4 1.4 2-1.4 4-1.4 2 1.4 4 1.4" />
        </svg>
    }
}
