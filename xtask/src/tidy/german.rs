//! German has umlauts: a word spelled without them was typed on the wrong keyboard.

use super::{File, lines};

/// Words that German does not have, spelled like those that it does.
const WORDS: &[&str] = &[
    "aendern",
    "aenderung",
    "ausfuehren",
    "bestaetigen",
    "dafuer",
    "faehig",
    "fuehrt",
    "fuer",
    "gehoert",
    "groesse",
    "hinzufuegen",
    "hoeren",
    "koennen",
    "koennte",
    "laesst",
    "laeuft",
    "loeschen",
    "loescht",
    "moechte",
    "moeglich",
    "muessen",
    "naechste",
    "oeffnen",
    "oeffnet",
    "pruefen",
    "schliessen",
    "schluessel",
    "spaeter",
    "staerker",
    "ueber",
    "uebung",
    "veraendert",
    "verfuegbar",
    "verfuegung",
    "waehrend",
    "waere",
    "wuerde",
    "zurueck",
];

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| is_german(&file.path)) {
        for (number, line) in lines(file) {
            let words = line.split(|letter: char| !letter.is_alphabetic()).map(str::to_lowercase);
            for word in words.filter(|word| WORDS.contains(&word.as_str())) {
                complaints.push(format!("{}:{number}: `{word}` has an umlaut or ß", file.path));
            }
        }
    }
    complaints
}

fn is_german(path: &str) -> bool {
    let prose = path.starts_with("slides/") || path.starts_with("labs/");
    (prose && path.ends_with(".md")) || path.starts_with("frontend/src/i18n/")
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::check;

    #[test]
    fn finds_a_word_without_its_umlaut() {
        assert_eq!(check(&[file("slides/a/PITCHME.md", "Werkzeuge fuer Container\n")]).len(), 1);
        assert!(check(&[file("slides/a/PITCHME.md", "Werkzeuge für Container, neue Quellen\n")]).is_empty());
        assert!(check(&[file("docs/a.md", "fuer\n")]).is_empty());
    }
}
