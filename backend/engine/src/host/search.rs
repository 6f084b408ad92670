//! `docker search`, in what the machine has.

use super::VirtualHost;
use crate::Result;
use crate::image::Reference;
use std::collections::BTreeMap;

/// A repository that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As Docker shows it, without a tag.
    pub name: String,
    /// What its image says of itself.
    pub description: String,
}

/// Where an image says in a sentence what it is (OCI image-spec, `annotations.md`).
const DESCRIPTION: &str = "org.opencontainers.image.description";

impl VirtualHost {
    /// The repositories of the machine's catalogue whose name or description has this in it, those first that have it in their
    /// name, and of these the shortest. What Lernhafen itself is made of is not found.
    pub fn search_catalogue(&self, term: &str) -> Result<Vec<Found>> {
        let term = term.trim_start_matches("library/").to_lowercase();
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for image in self.store.catalogue()? {
            let label = image.config.labels().find(|(name, _)| *name == DESCRIPTION);
            let description = label.map(|(_, text)| text.as_str()).unwrap_or_default();
            for tag in image.repo_tags.iter().filter(|tag| !crate::image::is_own(tag)) {
                let name = Reference::parse(tag)?.name().to_owned();
                if name.contains(&term) || description.to_lowercase().contains(&term) {
                    // Newest first: an older tag's description doesn't count.
                    found.entry(name).or_insert_with(|| description.to_owned());
                }
            }
        }
        let mut found: Vec<Found> = found.into_iter().map(|(name, description)| Found { name, description }).collect();
        found.sort_by_key(|repository| (!repository.name.contains(&term), repository.name.len()));
        Ok(found)
    }
}
