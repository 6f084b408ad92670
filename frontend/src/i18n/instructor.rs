//! What the instructor's page says, in both languages.

/// Its words of one language.
#[derive(Debug)]
pub(crate) struct InstructorTexts {
    pub(crate) title: &'static str,
    pub(crate) key_lead: &'static str,
    pub(crate) key: &'static str,
    pub(crate) open: &'static str,

    pub(crate) preparing: fn(usize, usize) -> String,
    pub(crate) preparing_label: &'static str,
    pub(crate) all_there: fn(usize) -> String,
    /// How many of how many.
    pub(crate) some_missing: fn(usize, usize) -> String,
    pub(crate) begin: &'static str,
    pub(crate) places: &'static str,
    pub(crate) slide: fn(u32) -> String,
    pub(crate) lab: fn(&str) -> String,

    pub(crate) waiting: &'static str,
    pub(crate) building: &'static str,
    pub(crate) fetching: fn(Option<u8>) -> String,
    pub(crate) there: &'static str,
    pub(crate) built: &'static str,
    pub(crate) fetched: &'static str,
    pub(crate) missing: &'static str,

    pub(crate) online: &'static str,
    pub(crate) online_nothing: &'static str,
    pub(crate) online_some: &'static str,
    pub(crate) online_refused: &'static str,
    pub(crate) unread: &'static str,
}

pub(super) const DE: InstructorTexts = InstructorTexts {
    title: "Kursleitung",
    key_lead: "Beim Start zeigt der Server einen Link für die Kursleitung. Öffne ihn, oder füge ihn hier ein.",
    key: "Link oder Schlüssel",
    open: "Öffnen",

    preparing: |ended, all| format!("Die Images werden vorbereitet: {ended} von {all}."),
    preparing_label: "Vorbereitung der Images",
    all_there: |all| match all {
        0 => "Folien und Aufgaben brauchen keine Images.".to_owned(),
        1 => "Das eine Image, das Folien und Aufgaben brauchen, ist da.".to_owned(),
        all => format!("Alle {all} Images, die Folien und Aufgaben brauchen, sind da."),
    },
    some_missing: |missing, all| match missing {
        1 => format!("1 von {all} Images fehlt. Was es braucht, geht nur, wenn Teilnehmende es selbst holen können."),
        missing => {
            format!(
                "{missing} von {all} Images fehlen. Was sie braucht, geht nur, wenn Teilnehmende sie selbst holen können."
            )
        }
    },
    begin: "Fehlende Images holen",
    places: "Kommt vor",
    slide: |number| format!("Folie {number}"),
    lab: |name| format!("Aufgabe {name}"),

    waiting: "wartet",
    building: "wird gebaut",
    fetching: |percent| percent.map_or("wird geholt".to_owned(), |percent| format!("wird geholt, {percent} %")),
    there: "da",
    built: "gebaut",
    fetched: "geholt",
    missing: "fehlt",

    online: "Was sonst das Internet braucht",
    online_nothing: "Nichts. Keine andere Zeile auf Folien und in Aufgaben fragt draußen nach.",
    online_some: "Diese Zeilen fragen draußen nach. In einem Raum ohne Internet scheitern sie.",
    online_refused: "Dieser Workshop lässt seine Hosts nicht ins Internet (internet = false). Diese Zeilen scheitern deshalb.",
    unread: "Was nicht gelesen werden konnte",
};

pub(super) const EN: InstructorTexts = InstructorTexts {
    title: "Instructor",
    key_lead: "When it starts, the server shows a link for the instructor. Open it, or paste it here.",
    key: "Link or key",
    open: "Open",

    preparing: |ended, all| format!("Images are being prepared: {ended} of {all}."),
    preparing_label: "Preparation of the images",
    all_there: |all| match all {
        0 => "Slides and labs need no images.".to_owned(),
        1 => "The one image that slides and labs need is there.".to_owned(),
        all => format!("All {all} images that slides and labs need are there."),
    },
    some_missing: |missing, all| match missing {
        1 => format!("1 of {all} images is missing. What needs it works only if participants can fetch it themselves."),
        missing => {
            format!(
                "{missing} of {all} images are missing. What needs them works only if participants can fetch them themselves."
            )
        }
    },
    begin: "Fetch what is missing",
    places: "Needed by",
    slide: |number| format!("Slide {number}"),
    lab: |name| format!("Lab {name}"),

    waiting: "waiting",
    building: "being built",
    fetching: |percent| percent.map_or("being fetched".to_owned(), |percent| format!("being fetched, {percent} %")),
    there: "there",
    built: "built",
    fetched: "fetched",
    missing: "missing",

    online: "What else needs the internet",
    online_nothing: "Nothing. No other line on slides and in labs asks outside.",
    online_some: "These lines ask outside. In a room without internet they fail.",
    online_refused: "This workshop doesn't let its hosts into the internet (internet = false). So these lines fail.",
    unread: "What could not be read",
};
