//! `docker search`: what the machine has itself, and what Docker Hub has beside it.

use crate::host::VirtualHost;
use crate::store::{DOCKER_HUB, Found, Offer, Reference};
use crate::{Error, ErrorKind, Result};

impl VirtualHost {
    /// At most `limit` (1 to 100) repositories with this in their names or descriptions: first the machine's own, of these first what
    /// has it in its name, and of that the shortest; then Docker Hub's.
    ///
    /// # Errors
    /// The term names another registry, or the machine has nothing and Docker Hub can't be asked.
    pub async fn search(&self, term: &str, limit: u32) -> Result<Vec<Found>> {
        let named = Reference::parse(term).ok();
        if let Some(registry) = named.as_ref().map(Reference::registry).filter(|registry| *registry != DOCKER_HUB) {
            return Err(Error::invalid(format!(
                "{registry} can't be searched, only Docker Hub can. What a registry has, `curl http://{registry}/v2/_catalog` says"
            )));
        }
        let term = term.trim_start_matches("library/");
        let mut found = self.search_catalogue(term)?;
        match self.parts.registries.search(term, limit, &self.caller()).await {
            Ok(mut others) => {
                others.retain(|other| found.iter().all(|own| own.name != other.name));
                found.extend(others);
            }
            Err(error) if found.is_empty() && !term.is_empty() => {
                let message = format!("{}. This machine's own images have no {term:?}", error.message);
                return Err(Error::new(ErrorKind::Unavailable, message));
            }
            Err(error) => tracing::debug!(%error, "Docker Hub wasn't searched"),
        }
        found.truncate(limit as usize);
        Ok(found)
    }

    fn search_catalogue(&self, term: &str) -> Result<Vec<Found>> {
        let term = term.to_lowercase();
        let mut found = self.parts.store.offers()?;
        found.retain(|offer| offer.name.contains(&term) || offer.description.to_lowercase().contains(&term));
        found.sort_by_key(|offer| (!offer.name.contains(&term), offer.name.len()));
        Ok(found.into_iter().map(shown).collect())
    }
}

/// Nobody gives stars here. Official is, as on Docker Hub, what has a name without a namespace.
fn shown(Offer { name, description, .. }: Offer) -> Found {
    Found { is_official: !name.contains('/'), name, description, star_count: 0 }
}
