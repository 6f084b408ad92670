//! A place in words.

use crate::i18n::RunTexts;
use protocol::place::Place;

/// Where the terminal is, for its tab and beside the run buttons; `None` where there is nothing to say.
pub(crate) fn place_now(place: &Place, texts: &RunTexts) -> Option<String> {
    match place {
        Place::Unknown | Place::Prompt => None,
        Place::Busy { command } => Some((texts.now_busy)(command)),
        Place::Question { command } => Some((texts.now_question)(command)),
        Place::FullScreen { command } | Place::Foreign { command } => Some((texts.now_foreign)(command)),
        Place::Container { name: Some(name), .. } => Some((texts.now_in_container)(name)),
        Place::Container { name: None, .. } => Some(texts.now_in_some_container.to_owned()),
    }
}

/// Whether a line belongs there.
pub(crate) fn suits(place: &Place, inside: bool) -> bool {
    match place {
        Place::Unknown => true,
        Place::Prompt => !inside,
        Place::Container { .. } => inside,
        Place::Busy { .. } | Place::Question { .. } | Place::FullScreen { .. } | Place::Foreign { .. } => false,
    }
}
