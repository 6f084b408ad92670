//! `docker search`, in what the machine has.

use super::VirtualHost;
use crate::Result;
use crate::image::Offer;

impl VirtualHost {
    /// What the machine's catalogue has with this in its name or description: first what has it in its name, and of that the
    /// shortest.
    pub fn search_catalogue(&self, term: &str) -> Result<Vec<Offer>> {
        let term = term.trim_start_matches("library/").to_lowercase();
        let mut found = self.store.offers()?;
        found.retain(|offer| offer.name.contains(&term) || offer.description.to_lowercase().contains(&term));
        found.sort_by_key(|offer| (!offer.name.contains(&term), offer.name.len()));
        Ok(found)
    }
}
