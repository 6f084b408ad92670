//! What the reader asks of the terminals, and what they are asked before one ends.

use super::connection::{Change, Connection, StillRunning};
use crate::components::Confirm;
use crate::prefs::use_texts;
use crate::terminal::{Ask, Screens};
use gloo::timers::callback::Timeout;
use protocol::ClientMessage;
use yew::prelude::*;

/// Does what is asked, but for what concerns the whole host: `on_reset`.
#[hook]
pub(super) fn use_ask(connection: &Connection, on_reset: Callback<()>) -> Callback<Ask> {
    use_callback((connection.clone(), on_reset), |ask: Ask, (connection, on_reset)| {
        let Connection { socket, screens, shown, change, .. } = connection;
        match ask {
            Ask::Choose(terminal) => {
                change.emit(Change::Choose(terminal));
                focus(screens, terminal);
            }
            Ask::New => {
                change.emit(Change::New);
                focus(screens, shown.terminals.with_new().current());
            }
            // Without a line the button is disabled.
            Ask::Close(terminal) => drop(socket.send(&ClientMessage::CloseTerminal { terminal, sure: false })),
            Ask::Restart(terminal) => drop(socket.send(&ClientMessage::RestartTerminal { terminal, sure: false })),
            Ask::Retry => {
                socket.retry_now();
                socket.send(&ClientMessage::RestartTerminal { terminal: shown.terminals.current(), sure: true });
            }
            Ask::Reset => on_reset.emit(()),
        }
    })
}

/// It is there after the page is drawn again.
fn focus(screens: &Screens, terminal: u8) {
    let screens = screens.clone();
    Timeout::new(0, move || {
        if let Some(screen) = screens.find(terminal) {
            screen.focus();
        }
    })
    .forget();
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct EndTerminalProps {
    pub(super) connection: Connection,
}

/// Asks whether what runs in a terminal may end.
#[component]
pub(super) fn EndTerminal(props: &EndTerminalProps) -> Html {
    let texts = use_texts();
    let Connection { socket, shown, change, .. } = &props.connection;
    let asked = shown.still_running.clone();
    let StillRunning { terminal, restart, commands } = asked.clone().unwrap_or_default();
    let close = change.reform(|()| Change::Answered);
    let yes = {
        let (socket, close) = (socket.clone(), close.clone());
        Callback::from(move |()| {
            let sure = true;
            socket.send(&if restart {
                ClientMessage::RestartTerminal { terminal, sure }
            } else {
                ClientMessage::CloseTerminal { terminal, sure }
            });
            close.emit(());
        })
    };
    let action = if restart { texts.restart_it } else { texts.end_it };
    html! {
        <Confirm open={asked.is_some()} title={texts.still_running} {action} on_yes={yes} on_close={close}>
            <ul class="commands">{ for commands.iter().map(|command| html! { <li><code>{ command }</code></li> }) }</ul>
            <p>{ texts.still_running_lost }</p>
        </Confirm>
    }
}
