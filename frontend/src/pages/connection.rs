//! What comes over the WebSocket, as state of the workshop's page.

use std::{cell::Cell, rc::Rc};

use protocol::{ServerMessage, harbour::Harbour, session::Problem};
use yew::prelude::*;

use crate::{
    net::{Event, Socket, Status},
    terminal::Screen,
};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Connection {
    pub(super) socket: Socket,
    pub(super) screen: Screen,
    pub(super) status: Status,
    /// `None` before the server has told.
    pub(super) harbour: Option<Rc<Harbour>>,
    /// What the server refused last, until it is read.
    pub(super) refusal: Option<Problem>,
    pub(super) forget_refusal: Callback<()>,
    /// How often something was typed that a broken line could not take.
    pub(super) not_typed: u32,
}

/// Connects as long as the component lives.
#[hook]
pub(super) fn use_connection() -> Connection {
    let socket = use_memo((), |()| Socket::new());
    let screen = use_memo((), |()| Screen::new((*socket).clone()));
    let status = use_state_eq(|| Status::Connecting);
    let harbour = use_state_eq(|| None);
    let refusal = use_state_eq(|| None);
    let not_typed = use_state_eq(|| 0);
    {
        let (socket, screen) = ((*socket).clone(), (*screen).clone());
        let (status, harbour, refusal) = (status.setter(), harbour.setter(), refusal.setter());
        let not_typed = not_typed.setter();
        use_effect_with((), move |()| {
            let shown = screen.clone();
            let refused = Cell::new(0);
            socket.open(Callback::from(move |event| match event {
                Event::Status(now) => {
                    status.set(now);
                    if now == Status::Online {
                        shown.ask();
                    }
                }
                Event::Output { terminal, bytes } => shown.output(terminal, &bytes),
                Event::Message(ServerMessage::Opened { terminal, replay }) => shown.opened(terminal, replay),
                Event::Message(ServerMessage::Size { terminal, rows, cols, leads }) => {
                    shown.sized(terminal, rows, cols, leads);
                }
                Event::Message(ServerMessage::Harbour(now)) => harbour.set(Some(Rc::new(now))),
                Event::Message(ServerMessage::Refused { problem }) => refusal.set(Some(problem)),
                // The socket answers it.
                Event::Message(ServerMessage::Alive) => {}
                Event::NotTyped => {
                    refused.set(refused.get() + 1);
                    not_typed.set(refused.get());
                }
            }));
            move || {
                socket.close();
                screen.dispose();
            }
        });
    }
    let forget_refusal = use_callback(refusal.setter(), |(), refusal| refusal.set(None));
    Connection {
        socket: (*socket).clone(),
        screen: (*screen).clone(),
        status: *status,
        harbour: (*harbour).clone(),
        refusal: (*refusal).clone(),
        forget_refusal,
        not_typed: *not_typed,
    }
}
