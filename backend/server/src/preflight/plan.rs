//! All that a workshop's deck and labs ask for.

use super::needs::{Need, needs};
use super::{internet, labs, snippet};
use crate::deck::ParsedDeck;
use protocol::instructor::OnlineLine;
use std::path::Path;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) images: Vec<Need>,
    /// What needs the internet, beside images.
    pub(crate) online: Vec<OnlineLine>,
    /// Files of labs that couldn't be read, each with why.
    pub(crate) unread: Vec<String>,
}

impl Plan {
    /// Of a deck and of the labs in a folder. `hub` is the workshop's own registry.
    pub(crate) fn of(deck: &ParsedDeck, labs: &Path, hub: &str) -> Self {
        let mut snippets = snippet::of_deck(deck);
        let labs = labs::read(labs);
        snippets.extend(labs.snippets);
        Self { images: needs(&snippets, hub), online: internet::lines(&snippets, hub), unread: labs.unread }
    }
}
