//! `docker pull`: there is no registry, so whatever a host has is up to date.

use super::VirtualHost;
use crate::image::Reference;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// What a pull found on the host.
#[derive(Debug)]
pub struct Pulled {
    /// As it was asked for, and as Docker shows it.
    pub reference: String,
    /// The repository as its registry calls it: `library/debian`.
    pub path: String,
    /// The tag asked for, or every one that the host has.
    pub tags: Vec<String>,
}

impl VirtualHost {
    /// Finds an image by a name and a tag or a digest; every tag of the name if neither is said. `tag` counts more
    /// than one in `name`.
    ///
    /// `None`: the host does not have it.
    ///
    /// # Errors
    /// Name or tag is none.
    pub fn pull(&self, name: &str, tag: Option<&str>) -> Result<Option<Pulled>> {
        let named = Reference::parse(name)?;
        let (wanted, is_all) = match tag {
            Some(tag) => (named.with_suffix(tag).map_err(|_| Error::invalid("invalid tag format"))?, false),
            None => (named, Reference::is_name_only(name)),
        };
        let images = self.images()?;
        let of_name =
            |tag: &String| is_all && tag.strip_prefix(wanted.name()).is_some_and(|rest| rest.starts_with(':'));
        let found: Vec<Reference> = images
            .iter()
            .flat_map(|summary| &summary.image.repo_tags)
            .filter(|tag| of_name(tag) || **tag == wanted.to_string())
            .filter_map(|tag| Reference::parse(tag).ok())
            .collect();
        if found.is_empty() {
            return Ok(None);
        }
        let reference = if is_all { wanted.name().to_owned() } else { wanted.to_string() };
        let image = self.image(&reference).ok();
        let labels = image.as_ref().map(|image| image.config.labels());
        let mut attributes: BTreeMap<String, String> =
            labels.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
        attributes.insert("name".to_owned(), wanted.name().to_owned());
        self.events.publish("image", "pull", &reference, attributes);
        let tags = found.iter().filter_map(Reference::tag).map(str::to_owned).collect();
        Ok(Some(Pulled { reference, path: wanted.path(), tags }))
    }
}
