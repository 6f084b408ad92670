//! Where a keeper finds what is in a volume.

use super::{Begun, local};
use crate::Result;
use crate::host::VirtualHost;
use runtime::process::Source;
use std::path::PathBuf;

impl VirtualHost {
    /// What a container that has this volume gets, and whether it may only be read.
    ///
    /// # Errors
    /// There is none of that name any more.
    pub(crate) fn volume_source(&self, name: &str, subpath: &str) -> Result<(Source, bool)> {
        let volume = self.volume(name)?;
        if let Some((device, read_only)) = local::bound(&volume.options) {
            let path = PathBuf::from(device).join(subpath);
            return Ok((Source::Workstation { path, make: false }, read_only));
        }
        let subpath = Some(subpath).filter(|subpath| !subpath.is_empty()).map(PathBuf::from);
        let directory = self.files.named().join("volumes");
        Ok((Source::Volume { directory, name: volume.name, subpath }, false))
    }

    /// The same of a volume that is to be filled, which may not be in its place yet; `None` of one that lies elsewhere.
    pub(crate) fn volume_to_fill(&self, name: &str, begun: &[Begun]) -> Result<Option<Source>> {
        let of = |directory: &str, name: &str| {
            let directory = self.files.named().join(directory);
            Source::Volume { directory, name: name.to_owned(), subpath: None }
        };
        match begun.iter().find(|begun| begun.name() == name) {
            Some(begun) if !begun.lies_here() => Ok(None),
            Some(begun) => Ok(Some(match begun.staged() {
                Some(staged) => of("trash", staged),
                None => of("volumes", name),
            })),
            None => Ok(self.volume(name)?.options.is_empty().then(|| of("volumes", name))),
        }
    }
}
