//! What the page says of the deck's lines and of where the terminal is, in both languages.

/// Its words of one language. Two words in brackets stand before and behind a command or a name.
#[derive(Debug)]
pub(crate) struct RunTexts {
    // In the terminal's tab, and beside the run buttons
    pub(crate) now_busy: fn(&str) -> String,
    pub(crate) now_question: fn(&str) -> String,
    pub(crate) now_foreign: fn(&str) -> String,
    pub(crate) now_in_container: fn(&str) -> String,
    pub(crate) now_in_some_container: &'static str,

    // Beside a line
    pub(crate) waits: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) runs: &'static str,
    pub(crate) succeeded: &'static str,
    pub(crate) failed: fn(i32) -> String,
    pub(crate) typed: &'static str,
    pub(crate) not_yet: &'static str,
    pub(crate) not_yet_reason: &'static str,

    // What goes on
    pub(crate) free: &'static str,
    pub(crate) at_prompt: &'static str,
    pub(crate) needs_container: &'static str,
    pub(crate) busy: (&'static str, &'static str),
    pub(crate) question: (&'static str, &'static str),
    pub(crate) full_screen: (&'static str, &'static str),
    pub(crate) foreign: (&'static str, &'static str),
    pub(crate) in_container: (&'static str, &'static str),
    pub(crate) in_some_container: (&'static str, &'static str),
    pub(crate) exists: (&'static str, &'static str),
    pub(crate) exists_running: (&'static str, &'static str),
    pub(crate) exists_detail: &'static str,

    // What helps
    pub(crate) run_now: &'static str,
    pub(crate) wait: &'static str,
    pub(crate) interrupt: &'static str,
    pub(crate) leave: &'static str,
    pub(crate) beside: &'static str,
    pub(crate) replace: &'static str,
    pub(crate) anyway: &'static str,
}

pub(super) const DE: RunTexts = RunTexts {
    now_busy: |command| format!("läuft: {command}"),
    now_question: |command| format!("wartet auf Eingabe: {command}"),
    now_foreign: |command| format!("in {command}"),
    now_in_container: |name| format!("im Container {name}"),
    now_in_some_container: "in einem Container",

    waits: "wartet",
    cancel: "Abbrechen",
    runs: "Läuft",
    succeeded: "Erfolgreich: Exit-Code 0",
    failed: |code| format!("Fehlgeschlagen: Exit-Code {code}"),
    typed: "Getippt",
    not_yet: "geht hier noch nicht",
    not_yet_reason: "Lernhafen kann das noch nicht. Mit Docker auf deinem eigenen Rechner geht es.",

    free: "Das Terminal ist jetzt frei.",
    at_prompt: "Das Terminal ist nicht im Container.",
    needs_container: "Diese Zeile gehört in einen Container. Führe zuerst die Zeile aus, die hineinführt.",
    busy: ("Im Terminal läuft noch: ", ""),
    question: ("Im Terminal wartet auf eine Eingabe: ", ""),
    full_screen: ("Im Terminal ist geöffnet: ", ". Beende es, dann ist das Terminal wieder frei."),
    foreign: ("Im Terminal liest alles, was getippt wird: ", ""),
    in_container: ("Das Terminal ist im Container ", ". Diese Zeile gehört auf deinen Host."),
    in_some_container: ("Das Terminal ist in einem Container: ", ". Diese Zeile gehört auf deinen Host."),
    exists: ("Den Container ", " gibt es schon."),
    exists_running: ("Den Container ", " gibt es schon, er läuft."),
    exists_detail: "Zwei Container können nicht gleich heißen.",

    run_now: "Ausführen",
    wait: "Warten, dann ausführen",
    interrupt: "Mit Strg-C abbrechen, dann ausführen",
    leave: "Verlassen, dann ausführen",
    beside: "In einem anderen Terminal ausführen",
    replace: "Entfernen, dann ausführen",
    anyway: "Trotzdem tippen",
};

pub(super) const EN: RunTexts = RunTexts {
    now_busy: |command| format!("running: {command}"),
    now_question: |command| format!("waits for input: {command}"),
    now_foreign: |command| format!("in {command}"),
    now_in_container: |name| format!("in container {name}"),
    now_in_some_container: "in a container",

    waits: "waiting",
    cancel: "Cancel",
    runs: "Running",
    succeeded: "Succeeded: exit code 0",
    failed: |code| format!("Failed: exit code {code}"),
    typed: "Typed",
    not_yet: "not here yet",
    not_yet_reason: "Lernhafen can't do this yet. With Docker on your own machine it works.",

    free: "The terminal is free now.",
    at_prompt: "The terminal is not in a container.",
    needs_container: "This line belongs into a container. First run the line that leads there.",
    busy: ("Still running in the terminal: ", ""),
    question: ("Waiting for input in the terminal: ", ""),
    full_screen: ("Open in the terminal: ", ". End it, and the terminal is free again."),
    foreign: ("In the terminal, everything typed is read by ", ""),
    in_container: ("The terminal is in container ", ". This line belongs on your host."),
    in_some_container: ("The terminal is in a container: ", ". This line belongs on your host."),
    exists: ("There is a container ", " already."),
    exists_running: ("There is a container ", " already, and it is running."),
    exists_detail: "Two containers can't have the same name.",

    run_now: "Run",
    wait: "Wait, then run",
    interrupt: "Interrupt with Ctrl-C, then run",
    leave: "Leave, then run",
    beside: "Run in another terminal",
    replace: "Remove, then run",
    anyway: "Type it anyway",
};
