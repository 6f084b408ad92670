//! The workshop: deck, terminal, pier.

use super::After;
use super::connection::{self, use_connection};
use super::host::{HostQuestion, Question, use_act};
use super::lines::use_lines;
use super::terminals::{EndTerminal, use_ask};
use crate::components::{Contents, Divider, Help, Notice, Pier, Tab, Tabs, TopBar, use_media, use_title};
use crate::deck::{Command, DeckView, Move, command, use_position};
use crate::net::Status;
use crate::prefs::{Change, use_prefs};
use crate::runs::{Choice, RunsHandle};
use crate::terminal::{Ask, Screen, TerminalView};
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use protocol::Deck;
use protocol::deck::{Block, CodeBlock, LineAddress};
use protocol::harbour::ContainerAction;
use protocol::place::RunHow;
use protocol::session::Session;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// How long the terminal's tab says what the deck has had typed, in milliseconds.
const JUST_RUN: u32 = 4_000;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct WorkshopProps {
    pub(crate) session: Session,
    pub(crate) deck: Rc<Deck>,
    /// The session is over.
    pub(crate) on_over: Callback<After>,
}

/// What lies over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Nothing,
    Contents,
    Help,
}

#[component]
pub(crate) fn Workshop(props: &WorkshopProps) -> Html {
    let prefs = use_prefs();
    let texts = prefs.lang.texts();
    let connection = use_connection();
    let (at, go_to) = use_position(props.deck.clone());
    let tab = use_state_eq(|| Tab::Slide);
    let over = use_state_eq(|| Over::Nothing);
    let pier_open = use_state_eq(|| false);
    let just_run = use_state_eq(|| None::<AttrValue>);
    let unsent = use_state_eq(|| false);
    let question = use_state_eq(|| None::<Question>);
    let beside = use_media("(min-width: 1100px)");

    use_effect_with((connection.status, props.on_over.clone()), |(status, on_over)| {
        if *status == Status::Ended {
            on_over.emit(After::Ended);
        }
    });
    use_title(&props.session.workshop);
    use_effect_with(connection.status == Status::Online, {
        let unsent = unsent.setter();
        move |online| {
            if *online {
                unsent.set(false);
            }
        }
    });

    let go = use_callback((at, props.deck.clone(), go_to.clone()), |to: Move, (at, deck, go_to)| {
        go_to.emit(at.after(to, deck))
    });
    let show = |what: Over| {
        let over = over.setter();
        Callback::from(move |()| over.set(what))
    };
    let terminals = connection.shown.terminals.clone();
    let screen = connection.screens.get(terminals.current());
    let ask = use_ask(&connection, question_asked(&question, Question::Reset));
    let key = {
        let (go, over, pier, tab) = (go.clone(), over.setter(), pier_open.clone(), tab.setter());
        let (screen, ask, terminals) = (screen.clone(), ask.clone(), terminals.clone());
        move |asked| match asked {
            Command::Go(to) => go.emit(to),
            Command::Escape if *pier => pier.set(false),
            Command::Escape | Command::Contents => over.set(Over::Contents),
            Command::Help => over.set(Over::Help),
            Command::Terminal { back } => {
                tab.set(Tab::Terminal);
                ask.emit(Ask::Choose(terminals.beside(back)));
            }
            Command::Region { back } => next_region(back, &screen).unwrap_or_default(),
        }
    };
    use_keys(Callback::from(key));

    let typed = {
        let (screens, deck, tab) = (connection.screens.clone(), props.deck.clone(), tab.setter());
        let just_run = just_run.setter();
        Callback::from(move |(terminal, address): (u8, LineAddress)| {
            just_run.set(line_text(&deck, address));
            let later = just_run.clone();
            Timeout::new(JUST_RUN, move || later.set(None)).forget();
            tab.set(Tab::Terminal);
            // On a phone the terminal is only there after the page is drawn again.
            let screens = screens.clone();
            Timeout::new(0, move || {
                if let Some(screen) = screens.find(terminal) {
                    screen.focus();
                }
            })
            .forget();
        })
    };
    let not_sent = {
        let unsent = unsent.setter();
        Callback::from(move |()| unsent.set(true))
    };
    let runs = use_lines(&connection, &ask, (at.h, at.v), typed, not_sent);
    let run = runs.on_choice.reform(|address| (address, Choice::Run(RunHow::IfFree)));
    let toggle_pier = {
        let (pier_open, open) = (pier_open.setter(), *pier_open);
        Callback::from(move |()| pier_open.set(!open))
    };
    let choose_tab = {
        let tab = tab.setter();
        Callback::from(move |chosen| tab.set(chosen))
    };
    let go_and_close = {
        let (over, go_to) = (over.setter(), go_to.clone());
        Callback::from(move |to| {
            over.set(Over::Nothing);
            go_to.emit(to);
        })
    };
    let (split, change): (u32, fn(u32) -> Change) =
        if beside { (prefs.split_beside, Change::SplitBeside) } else { (prefs.split_below, Change::SplitBelow) };
    // One at a time: while the line is down nothing else matters.
    let shown = &connection.shown;
    let notice: Option<AttrValue> = match (connection.status, &shown.refusal, &shown.happened) {
        (Status::Waiting { .. }, ..) if *unsent => Some(texts.not_sent.into()),
        // It says more of why there is no line.
        (Status::Waiting { .. }, _, Some(what)) => Some(texts.happened(what).into()),
        (Status::Waiting { .. }, ..) if shown.no_host.is_some() => None,
        (Status::Waiting { unsure: true, .. }, ..) => Some(texts.reconnecting_unsure.into()),
        (Status::Waiting { .. }, ..) => Some(texts.reconnecting_long.into()),
        (_, Some(problem), _) => Some(texts.problem(problem).into()),
        (_, None, Some(what)) => Some(texts.happened(what).into()),
        _ => unsent.then_some(texts.not_sent.into()),
    };
    let act = use_act(&connection, {
        let question = question.setter();
        Callback::from(move |ship| question.set(Some(Question::Remove(ship))))
    });
    let remove = {
        let connection = connection.clone();
        Callback::from(move |id| connection.act(id, ContainerAction::Remove))
    };
    let answered = {
        let question = question.setter();
        Callback::from(move |()| question.set(None))
    };
    let is_down = matches!(connection.status, Status::Waiting { .. });
    let forget = {
        let (unsent, change) = (unsent.setter(), connection.change.clone());
        Callback::from(move |()| {
            unsent.set(false);
            change.emit(connection::Change::Read);
        })
    };
    let no_shell = connection.shown.no_shell.get(&terminals.current()).cloned();
    let socket = connection.socket.clone();
    html! {
        <div class="workshop" data-tab={tab.name()}>
            <TopBar workshop={props.session.workshop.clone()} name={props.session.name.clone()} ordinal={at.ordinal(&props.deck)} status={connection.status}
                on_move={go.clone()} on_contents={show(Over::Contents)} on_help={show(Over::Help)}
                on_reconnect={Callback::from(move |()| socket.retry_now())}
                on_reset={question_asked(&question, Question::Reset)} on_leave={question_asked(&question, Question::Leave)} />
            <main>
            <div class="work" style={format!("--split: {split}%")}>
                <ContextProvider<RunsHandle> context={runs}>
                <DeckView deck={props.deck.clone()} {at} on_move={go} on_run={run} />
                <Divider {beside} value={split} on_move={prefs.change.reform(change)} />
                <TerminalView screens={connection.screens.clone()} list={terminals} host={props.session.host.clone()} status={connection.status}
                    {no_shell} no_host={connection.shown.no_host.clone()} just_run={(*just_run).clone()} on_ask={ask} />
                </ContextProvider<RunsHandle>>
            </div>
            <Pier harbour={connection.shown.harbour.clone()} open={*pier_open || *tab == Tab::Pier} on_toggle={toggle_pier}
                acting={connection.shown.acting.clone()} on_act={act} />
            </main>
            <Tabs current={*tab} on_choose={choose_tab} />
            <Notice text={notice} lasts={is_down} nudge={connection.shown.not_typed} on_close={forget} />
            <Contents open={*over == Over::Contents} deck={props.deck.clone()} {at} on_choose={go_and_close} on_close={show(Over::Nothing)} />
            <HostQuestion question={(*question).clone()} harbour={connection.shown.harbour.clone()} on_left={props.on_over.reform(|()| After::Left)}
                on_remove={remove} on_close={answered} />
            <EndTerminal {connection} />
            <Help open={*over == Over::Help} on_close={show(Over::Nothing)} />
        </div>
    }
}

fn question_asked(question: &UseStateHandle<Option<Question>>, which: Question) -> Callback<()> {
    let question = question.setter();
    Callback::from(move |()| question.set(Some(which.clone())))
}

/// Listens to the whole page's keys.
#[hook]
fn use_keys(on_command: Callback<Command>) {
    let newest = use_mut_ref(Callback::noop);
    // The listener stays, what it calls is always the newest.
    newest.replace(on_command);
    use_effect_with((), move |()| {
        let listener = web_sys::window().map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                if let Some(asked) = command(event) {
                    event.prevent_default();
                    let on_command = newest.borrow().clone();
                    on_command.emit(asked);
                }
            })
        });
        move || drop(listener)
    });
}

/// Moves the focus to the next visible part of the page.
fn next_region(back: bool, screen: &Screen) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let found = document.query_selector_all("[data-region]").ok()?;
    let regions: Vec<HtmlElement> = (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into::<HtmlElement>().ok())
        .filter(|region| region.offset_width() > 0)
        .collect();
    let active = document.active_element();
    let here = regions.iter().position(|region| region.contains(active.as_deref()));
    let count = regions.len();
    let next = match here {
        None => 0,
        Some(here) if back => (here + count - 1) % count,
        Some(here) => (here + 1) % count,
    };
    let region = regions.get(next)?;
    if region.get_attribute("data-region").as_deref() == Some("terminal") {
        screen.focus();
    } else {
        // A region that can't take the focus is passed over by the next press.
        let _ = region.focus();
    }
    Some(())
}

fn line_text(deck: &Deck, address: LineAddress) -> Option<AttrValue> {
    let slide = deck.slides.get(address.h as usize)?.get(address.v as usize)?;
    let code = code_blocks(&slide.blocks).into_iter().find(|code| code.index == address.block)?;
    let text = code.lines.get(address.line as usize)?.text.trim_start_matches("$ ");
    Some(text.to_owned().into())
}

fn code_blocks(blocks: &[Block]) -> Vec<&CodeBlock> {
    fn within(block: &Block) -> Vec<&CodeBlock> {
        match block {
            Block::Code(code) => vec![code],
            Block::Quote(inner) => code_blocks(inner),
            Block::List { items, .. } => items.iter().flat_map(|item| code_blocks(item)).collect(),
            _ => vec![],
        }
    }
    blocks.iter().flat_map(within).collect()
}
