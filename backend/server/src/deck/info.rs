//! A code block's info string: its language, and how its lines are to be run.

use protocol::deck::NotYet;

/// ```` ```bash inside ````
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Info {
    /// Lower case; empty if there is none.
    pub(super) language: String,
    /// Gives buttons to other languages.
    pub(super) run: bool,
    /// Takes the buttons away: an example that isn't for trying.
    pub(super) norun: bool,
    /// All lines belong into the container that one is in by then.
    pub(super) inside: bool,
    /// Takes the buttons away, because what the lines need isn't there: `notyet`, or `notyet="why"`.
    pub(super) not_yet: Option<NotYet>,
}

impl Info {
    pub(super) fn read(info: &str) -> Self {
        let mut read = Self::default();
        for (at, word) in words(info).into_iter().enumerate() {
            match word.as_str() {
                "run" => read.run = true,
                "norun" => read.norun = true,
                "inside" => read.inside = true,
                "notyet" => read.not_yet = Some(NotYet::default()),
                word => match word.strip_prefix("notyet=") {
                    Some(reason) => read.not_yet = Some(NotYet { reason: reason.trim_matches('"').to_owned() }),
                    None if at == 0 => read.language = word.to_ascii_lowercase(),
                    None => {}
                },
            }
        }
        read
    }

    /// Whether its lines have run buttons.
    pub(super) fn runs(&self) -> bool {
        let shell = matches!(self.language.as_str(), "bash" | "sh" | "shell" | "console");
        (shell || self.run) && !self.norun && self.not_yet.is_none()
    }

    /// Words that say nothing beside the others, or the opposite of one.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        match self {
            Self { run: true, norun: true, .. } => {
                Some("`run` and `norun` contradict each other: there are no buttons")
            }
            Self { run: true, not_yet: Some(_), .. } => {
                Some("`run` and `notyet` contradict each other: there are no buttons")
            }
            Self { inside: true, .. } if !self.runs() => Some("`inside` says where lines are run, and these are not"),
            _ => None,
        }
    }
}

/// Words between blanks; blanks within `"` are part of theirs.
fn words(info: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for character in info.chars() {
        quoted ^= character == '"';
        if !character.is_whitespace() || quoted {
            word.push(character);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_info_string_are_known() {
        let bash = Info { language: "bash".to_owned(), ..Info::default() };
        assert_eq!(Info::read("Bash zoom-08"), bash);
        assert_eq!(Info::read("bash inside"), Info { inside: true, ..bash.clone() });
        assert_eq!(Info::read("run"), Info { run: true, ..Info::default() });
        let why = |reason: &str| Some(NotYet { reason: reason.to_owned() });
        assert_eq!(Info::read("bash notyet").not_yet, why(""));
        assert_eq!(Info::read("bash notyet=\"Volumes fehlen noch.\" x").not_yet, why("Volumes fehlen noch."));
        assert_eq!(Info::read("bash notyet=\"open").not_yet, why("open"));
    }

    #[test]
    fn words_that_contradict_each_other_are_found() {
        for info in ["bash run norun", "text run notyet", "bash inside norun", "text inside"] {
            assert!(Info::read(info).contradiction().is_some(), "{info}");
        }
        for info in ["bash inside", "bash notyet", "text run inside", ""] {
            assert!(Info::read(info).contradiction().is_none(), "{info}");
        }
    }
}
