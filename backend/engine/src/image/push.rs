//! `docker push`

use super::Credentials;
use crate::host::VirtualHost;
use crate::store::{ProgressStream, Push, Reference};
use crate::{Error, Result};
use std::sync::Arc;

/// What is to be pushed.
#[derive(Debug, Clone, Default)]
pub struct PushRequest {
    pub name: String,
    /// `None`: every tag that the host has of the name.
    pub tag: Option<String>,
    pub credentials: Option<Credentials>,
}

impl VirtualHost {
    /// Sends images to their registry, and says how far it is.
    ///
    /// # Errors
    /// The name is none; everything else is the last line of the stream.
    pub fn push(self: &Arc<Self>, request: PushRequest) -> Result<ProgressStream> {
        let named = Reference::parse(&request.name)?;
        let known = self.parts.store.tags_of(&self.owner(), named.name())?;
        let is_known = !known.is_empty();
        let tags = match &request.tag {
            Some(tag) => vec![named.with_suffix(tag).map_err(|_| Error::invalid("invalid tag format"))?],
            None => known,
        };
        let missing = move |tag: &Reference| {
            let name = tag.name();
            Error::not_found(match is_known {
                true => format!("tag does not exist: {tag}"),
                false => format!("An image does not exist locally with the tag: {name}"),
            })
        };
        let repository = self.repository(&named, request.credentials)?;
        let host = self.clone();
        Ok(ProgressStream::of(async move |reporter| {
            let push = Push { store: host.parts.store.clone(), owner: host.owner(), repository, reporter };
            push.begin(&named).await;
            if tags.is_empty() {
                return Err(missing(&named));
            }
            for tag in tags {
                let image = host.image(&tag.to_string()).map_err(|_| missing(&tag))?;
                push.one(&tag, &image).await?;
                host.registry_event("push", &tag.to_string(), &image, &tag);
            }
            Ok(())
        }))
    }
}
