//! The machine's own images: what every host finds without a registry.

use super::Owner;
use super::lookup::is_own;
use super::recipe::RECIPE_LABEL;
use super::{Image, Store};
use crate::Result;
use std::collections::{BTreeMap, HashSet};

const DESCRIPTION: &str = "org.opencontainers.image.description";

/// A repository of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// As Docker shows it, without a tag.
    pub name: String,
    /// Sorted.
    pub tags: Vec<String>,
    /// In a sentence; empty if no image of it says anything.
    pub description: String,
}

impl Store {
    /// Whether the catalogue has an image of that name for learners.
    pub fn offers_image(&self, name: &str) -> bool {
        !is_own(name) && self.image(&Owner::Catalogue, name).is_ok()
    }

    /// What the catalogue has for learners, sorted by name.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn offers(&self) -> Result<Vec<Offer>> {
        let mut offers: BTreeMap<String, Offer> = BTreeMap::new();
        for image in self.catalogue()? {
            let description =
                image.config.labels().find(|(name, _)| *name == DESCRIPTION).map(|(_, text)| text.clone());
            for (name, tag) in image.repo_tags.iter().filter_map(|tag| tag.rsplit_once(':')) {
                if is_own(name) {
                    continue;
                }
                let offer = offers.entry(name.to_owned()).or_default();
                name.clone_into(&mut offer.name);
                offer.tags.push(tag.to_owned());
                if offer.description.is_empty() {
                    offer.description = description.clone().unwrap_or_default();
                }
            }
        }
        let mut offers: Vec<Offer> = offers.into_values().collect();
        offers.iter_mut().for_each(|offer| offer.tags.sort());
        Ok(offers)
    }

    /// Takes from the catalogue what earlier builds of an image have there: tags of an older version, and images that no tag is
    /// left of. Hosts that have them keep them. What comes from elsewhere stays.
    pub(super) fn forget_replaced(&self, image: &Image) -> Result<()> {
        let repositories: HashSet<&str> =
            image.repo_tags.iter().filter_map(|tag| Some(tag.rsplit_once(':')?.0)).collect();
        for old in self.catalogue()?.iter().filter(|old| old.id != image.id && is_built_here(old)) {
            let is_replaced = |tag: &&String| tag.rsplit_once(':').is_some_and(|(name, _)| repositories.contains(name));
            let (replaced, others): (Vec<&String>, Vec<&String>) = old.repo_tags.iter().partition(is_replaced);
            self.db.with(|connection| {
                let transaction = connection.transaction()?;
                for tag in replaced {
                    transaction.execute(
                        "DELETE FROM tags WHERE host = ?1 AND reference = ?2 AND image = ?3",
                        (Owner::Catalogue, tag, &old.id),
                    )?;
                }
                if others.is_empty() {
                    transaction.execute(
                        "DELETE FROM host_images WHERE host = ?1 AND image = ?2
                         AND NOT EXISTS (SELECT 1 FROM tags WHERE tags.host = ?1 AND tags.image = ?2)",
                        (Owner::Catalogue, &old.id),
                    )?;
                }
                Ok(transaction.commit()?)
            })?;
        }
        Ok(())
    }
}

fn is_built_here(image: &Image) -> bool {
    image.config.labels().any(|(name, _)| name == RECIPE_LABEL)
}
