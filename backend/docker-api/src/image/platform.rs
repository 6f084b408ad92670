//! Platforms as clients write them.

use crate::error::{Error, Reply};
use crate::query::Params;
use engine::image::Platform;

/// `{"os": "linux", "architecture": "arm64"}`, as what saves and loads takes it.
pub(super) fn of_json(params: &Params) -> Reply<Option<Platform>> {
    match params.all("platform")[..] {
        [] | [""] => Ok(None),
        [text] => {
            let platform: Platform =
                serde_json::from_str(text).map_err(|error| Error::bad(format!("failed to parse platform: {error}")))?;
            if platform.os.is_empty() || platform.architecture.is_empty() {
                return Err(Error::bad("both OS and Architecture must be provided"));
            }
            Ok(Some(platform))
        }
        _ => Err(Error::bad("multiple platform parameters not supported")),
    }
}
