//! `docker tag`

use crate::host::VirtualHost;
use crate::store::Reference;
use crate::{ErrorKind, Result};

impl VirtualHost {
    /// Gives an image another name, which it takes from any other image.
    ///
    /// # Errors
    /// There is no such image; a name that is none is not found either, as in Docker.
    pub fn tag_image(&self, source: &str, name: &Reference) -> Result<()> {
        let tagged = self.parts.store.tag(&self.owner(), source, name).map_err(|mut error| {
            if error.kind == ErrorKind::InvalidParameter {
                error.kind = ErrorKind::NotFound;
            }
            error
        });
        self.image_event(&tagged?, "tag", &name.to_string());
        Ok(())
    }
}
