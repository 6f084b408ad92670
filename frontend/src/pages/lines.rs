//! The deck's lines on this page: pressing sends them, answers show beside them.

use super::connection::Connection;
use crate::net::Status;
use crate::runs::{Choice, RunsHandle, Told, suits};
use crate::terminal::Ask;
use protocol::ClientMessage;
use protocol::deck::LineAddress;
use protocol::place::RunHow;
use std::rc::Rc;
use yew::prelude::*;

/// Ctrl-C; and Ctrl-U with Ctrl-D, which ends a shell also where something is half typed.
const INTERRUPT: &[u8] = b"\x03";
const LEAVE: &[u8] = b"\x15\x04";

/// What the page shows of lines, and the way to press one. `on_typed` hears of each line that was pressed here and has been typed, and
/// in which terminal; `on_unsent` of a press while there is no line to the server.
#[hook]
pub(super) fn use_lines(
    connection: &Connection,
    ask: &Callback<Ask>,
    slide: (usize, usize),
    on_typed: Callback<(u8, LineAddress)>,
    on_unsent: Callback<()>,
) -> RunsHandle {
    let Connection { runs, socket, status, shown, .. } = connection;
    let terminal = shown.terminals.current();
    // A line for a terminal that is only beginning.
    let later = use_state_eq(|| None::<(u8, LineAddress)>);
    use_effect_with((runs.dispatcher(), slide), |(runs, (h, v))| {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        runs.dispatch(Told::Slide(number(*h), number(*v)));
    });
    use_effect_with((runs.dispatcher(), *status), |(runs, status)| {
        if *status != Status::Online {
            runs.dispatch(Told::Offline);
        }
    });
    use_effect_with(runs.typed(), move |typed| {
        if let Some((_, terminal, line)) = typed {
            on_typed.emit((*terminal, *line));
        }
    });
    let run = {
        let (socket, told) = (socket.clone(), runs.dispatcher());
        move |terminal: u8, line: LineAddress, how: RunHow| {
            if socket.send(&ClientMessage::Run { terminal, line, how }) {
                told.dispatch(Told::Pressed(terminal, line));
            } else {
                on_unsent.emit(());
            }
        }
    };
    let begun = later.filter(|(terminal, _)| runs.knows(*terminal));
    use_effect_with(begun, {
        let (run, later) = (run.clone(), later.setter());
        move |begun| {
            if let Some((terminal, line)) = *begun {
                later.set(None);
                run(terminal, line, RunHow::WhenFree);
            }
        }
    });
    let terminals = shown.terminals.clone();
    let free = {
        let runs = runs.clone();
        let open = terminals.open().to_vec();
        move |but: u8| {
            open.iter().copied().find(|&number| number != but && runs.knows(number) && suits(runs.place(number), false))
        }
    };
    let has_beside = terminals.has_room() || free(terminal).is_some();
    let (socket, told, runs, ask) = (socket.clone(), runs.dispatcher(), runs.clone(), ask.clone());
    let now = Rc::new((*runs).clone());
    let on_choice = Callback::from(move |(line, choice): (LineAddress, Choice)| {
        // What waits or is asked about is so where it was pressed, whichever terminal is in front by now.
        let known = runs.asking(line).map(|asking| asking.terminal).or(runs.line(line).map(|(terminal, _)| terminal));
        let at = if choice == Choice::Run(RunHow::IfFree) { terminal } else { known.unwrap_or(terminal) };
        match choice {
            Choice::Run(how) => run(at, line, how),
            Choice::Interrupt | Choice::Leave => {
                // If it can't be sent, the line that follows says so.
                socket.type_bytes(at, if choice == Choice::Interrupt { INTERRUPT } else { LEAVE });
                run(at, line, RunHow::WhenFree);
            }
            Choice::Beside => {
                told.dispatch(Told::Closed);
                let beside = free(at).unwrap_or_else(|| terminals.with_new().current());
                if terminals.open().contains(&beside) {
                    ask.emit(Ask::Choose(beside));
                } else {
                    told.dispatch(Told::Begins(beside));
                    ask.emit(Ask::New);
                }
                later.set(Some((beside, line)));
            }
            Choice::Cancel => drop(socket.send(&ClientMessage::CancelRun { terminal: at })),
            Choice::Close => told.dispatch(Told::Closed),
        }
    });
    RunsHandle { runs: now, terminal, has_beside, on_choice }
}
