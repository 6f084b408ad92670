//! German.

use protocol::message::Ended;

use super::{Texts, instructor, runs};

pub(super) static DE: Texts = Texts {
    code: "de",
    decimal_point: ',',

    loading: "Der Workshop wird geladen …",
    retry: "Noch einmal versuchen",
    start_title: "Lerne Container, indem du sie startest.",
    start_lead: "Gleich hast du einen eigenen Docker-Host, nur für dich. Du kannst alles ausprobieren und nichts kaputt machen.",
    session_ended: "Deine Sitzung ist zu Ende. Tritt mit deinem Namen neu bei.",
    your_name: "Wie heißt du?",
    name_hint: "Ein Vorname oder Spitzname reicht, höchstens 40 Zeichen.",
    enter: "Workshop öffnen",
    entering: "Wird geöffnet …",
    preview_label: "Was dich erwartet",
    preview_slide: "Interaktive Container",
    preview_legend: [
        ("Die Folie", "erklärt und hat zu jedem Befehl einen Knopf, der ihn ausführt."),
        ("Das Terminal", "gehört dir. Hier tippst du, mit dem echten docker."),
        ("Der Hafen", "zeigt, welche Container du hast und was sie tun."),
    ],

    unreachable: "Der Server ist nicht zu erreichen. Prüfe deine Verbindung und versuche es noch einmal.",
    bad_name: "Dieser Name geht nicht. Nimm 1 bis 40 Zeichen, ohne Steuerzeichen.",
    no_session: "Deine Sitzung ist zu Ende. Lade die Seite neu und tritt noch einmal bei.",
    not_instructor: "Das ist nicht der Schlüssel der Kursleitung. Nimm den Link, den der Server bei seinem letzten Start gezeigt hat.",
    bad_message: "Der Server hat die Seite nicht verstanden. Lade sie neu; deine Container bleiben erhalten.",
    foreign_origin: "Der Server nimmt Anfragen nur von seiner eigenen Adresse an. Öffne die Seite unter der Adresse, die du bekommen hast.",
    not_found: "Das gibt es auf dem Server nicht. Lade die Seite neu.",
    too_large: "Das war zu viel auf einmal. Versuche es mit weniger.",
    not_runnable: "Diese Zeile lässt sich nicht ausführen. Tippe den Befehl selbst ins Terminal.",
    host_failed: "Dein Docker-Host lässt sich gerade nicht starten. Versuche es noch einmal; hilft das nicht, setze ihn neu auf.",
    full: "Der Workshop ist voll. Warte kurz oder sag der Kursleitung Bescheid.",
    internal: "Auf dem Server ist etwas schiefgegangen. Versuche es noch einmal; hilft das nicht, sag der Kursleitung Bescheid.",
    no_shell: "In deiner Workstation startet keine Shell mehr: Ihre Programme sind gelöscht. Setze deinen Host neu auf, dann ist alles wieder da. Die Folie bleibt.",
    no_container: "Diesen Container gibt es nicht mehr.",
    container_refused: "Das geht gerade nicht: Der Container hat inzwischen einen anderen Zustand.",
    not_sent: "Die Verbindung ist gerade unterbrochen, der Befehl wurde nicht getippt. Versuche es gleich noch einmal.",

    top_bar: "Workshop",
    slides: "Folien",
    previous: "Zurück",
    next: "Weiter",
    contents: "Alle Folien",
    online: |name| format!("Verbunden als {name}"),
    connecting: "Verbinde …",
    reconnecting: |attempts| match attempts {
        1 => "Verbinde neu …".to_owned(),
        more => format!("Verbinde neu, Versuch {more} …"),
    },
    reconnect_now: "Jetzt",
    ended: "Beendet",
    language: "Sprache",
    theme: "Darstellung",
    theme_system: "Wie das System",
    theme_light: "Hell",
    theme_dark: "Dunkel",
    help: "Hilfe",
    help_hint: "Hilfe (?)",
    close: "Schließen",
    views: "Ansicht",
    divider: "Breite von Folie und Terminal",

    deck_label: "Folie",
    slide: "Folie",
    untitled: "Ohne Titel",
    slide_announcement: |at, of, title| format!("Folie {at} von {of}: {title}"),
    step_of: |step, of| match step {
        0 => format!("{of} Schritte"),
        step => format!("Schritt {step} von {of}"),
    },
    steps_hint: "Weiter oder die Leertaste zeigt den ersten Schritt.",
    back: "Zurück",
    onward: "Weiter",
    run: |line| format!("Im Terminal ausführen: {line}"),
    run_hint: "Im Terminal ausführen",
    copy: "Kopieren",
    copied: "Kopiert",

    terminal: "Terminal",
    terminals: "Terminals",
    new_terminal: "Neues Terminal",
    close_terminal: |name| format!("Terminal {name} schließen"),
    restart_terminal: "Terminal neu starten",
    still_running: "Im Terminal läuft noch etwas",
    still_running_lost: "Das wird beendet. Deine Container laufen weiter.",
    end_it: "Terminal schließen",
    restart_it: "Terminal neu starten",
    cancel: "Abbrechen",
    terminal_label: "Terminal. F6 führt hinaus.",
    typed: |line| format!("Getippt: {line}"),
    screen_reader: "Ausgaben vorlesen lassen",
    smaller: "Schrift kleiner",
    larger: "Schrift größer",
    connecting_long: "Dein Docker-Host wird geholt …",
    reconnecting_long: "Die Verbindung ist unterbrochen. Deine Container laufen weiter. Das Terminal nimmt so lange nichts an.",
    reconnecting_unsure: "Die Verbindung ist unterbrochen. Deine Container laufen weiter. Was du zuletzt getippt hast, kam vielleicht nicht an; jetzt nimmt das Terminal nichts an.",
    new_shell: "Die Shell ist zu Ende. Hier beginnt eine neue.",
    size_of_another: "Größe von einem anderen Fenster",
    size_of_another_hint: "Tippe hier, dann hat das Terminal wieder die Größe dieses Fensters.",
    keys: "Tasten",
    ctrl: "Strg",
    paste: "Einfügen",

    my_host: "Mein Host",
    reset_host: "Meinen Host neu aufsetzen",
    reset_it: "Neu aufsetzen",
    resetting: "Wird neu aufgesetzt …",
    reset_kept: "Danach hast du einen frischen Host. Deine Sitzung, dein Name und die Folie bleiben.",
    leave: "Workshop verlassen",
    leave_it: "Verlassen",
    leaving: "Wird beendet …",
    leave_kept: "Dein Platz wird frei. Du kannst mit deinem Namen wieder beitreten und fängst dann von vorn an.",
    left: "Du hast den Workshop verlassen, dein Platz ist frei.",
    lost: "Das geht verloren:",
    lost_all: "alle Container, eigene Images und Dateien auf deinem Host",
    lost_containers: |count| if count == 1 { "1 Container".to_owned() } else { format!("{count} Container") },
    lost_images: |count| if count == 1 { "1 eigenes Image".to_owned() } else { format!("{count} eigene Images") },
    lost_files: "alle Dateien, die du in deiner Workstation angelegt oder geändert hast",
    out_of_memory: |ended| {
        match ended {
        Ended::Container(name) => {
            format!("Der Speicher deines Hosts war voll: Der Container {name} brauchte am meisten und wurde beendet (137). Alles andere läuft weiter.")
        }
        Ended::InContainer(name) => {
            format!("Der Container {name} hat mehr Speicher gebraucht, als er darf: Darin wurde ein Prozess beendet (137).")
        }
        Ended::Process(command) => {
            format!("Der Speicher deines Hosts war voll: {command} brauchte am meisten und wurde beendet (137). Alles andere läuft weiter.")
        }
        Ended::Shell => {
            "Der Speicher deines Hosts war voll: Eine Shell wurde beendet, dort beginnt eine neue. Deine Container laufen weiter.".to_owned()
        }
    }
    },
    host_ended: "Dein Docker-Host hat sich beendet und startet neu. Deine Dateien sind noch da, deine Container sind beendet.",
    host_reset: "Dein Docker-Host wurde neu aufgesetzt.",

    pier: "Hafen",
    pier_label: "Hafen: deine Container",
    pier_waiting: "Gleich siehst du hier deine Container.",
    pier_empty: "Noch kein Container im Hafen. Starte einen:",
    created: "erstellt",
    running: "läuft",
    paused: "angehalten",
    restarting: "startet gleich neu",
    exited: "beendet",
    container_count: |count| format!("{count} Container"),
    image_count: |count| if count == 1 { "1 Image".to_owned() } else { format!("{count} Images") },
    containers: "Container",
    images: "Images",
    no_images: "Noch kein Image hier.",
    limits: "Grenzen deines Hosts",
    name: "Name",
    state: "Zustand",
    command: "Befehl",
    address: "Adresse",
    actions: "Aktionen",
    stop: "Stoppen",
    stopping: "wird gestoppt …",
    kill: "Beenden erzwingen",
    killing: "wird beendet …",
    remove: "Entfernen",
    removing: "wird entfernt …",
    remove_container: "Container entfernen",
    remove_lost: |name| format!("{name} und alles, was darin geschrieben wurde, geht verloren. Das Image bleibt."),
    memory: "Arbeitsspeicher",
    cpus: "CPUs",
    processes: "Prozesse",

    instructor: instructor::DE,
    runs: runs::DE,

    key_map: &[
        (
            "Auf der Folie",
            &[
                ("Leertaste Bild↓ N", "weiter, Schritt für Schritt"),
                ("Umschalt+Leertaste Bild↑ P", "zurück"),
                ("→ ←", "nächstes und voriges Kapitel"),
                ("↓ ↑", "im Kapitel vor und zurück"),
                ("Pos1 Ende", "erste und letzte Folie"),
                ("O Esc", "alle Folien"),
                ("?", "diese Hilfe"),
            ],
        ),
        (
            "Überall",
            &[
                ("F6 Umschalt+F6", "zum nächsten, zum vorigen Bereich; auch aus dem Terminal hinaus"),
                ("Strg+Alt+→ Strg+Alt+←", "weiter und zurück, auch im Terminal"),
                ("Bild↓ Bild↑", "weiter und zurück, auch im Terminal, solange kein Programm es ganz füllt"),
                ("Strg+Alt+Bild↓ Strg+Alt+Bild↑", "zum nächsten, zum vorigen Terminal"),
            ],
        ),
        (
            "Im Terminal",
            &[
                ("Strg+V Umschalt+Einfg", "einfügen"),
                ("Strg+C", "kopieren, wenn etwas markiert ist; sonst abbrechen"),
                ("Strg+Umschalt+C", "kopieren"),
                ("Umschalt+Bild↑ Umschalt+Bild↓", "zeigen, was weiter oben stand"),
            ],
        ),
        ("Auf der Trennlinie", &[("← → ↑ ↓", "verschieben")]),
        ("Mit dem Finger", &[("Wischen", "auf der Folie weiter und zurück")]),
    ],
};
