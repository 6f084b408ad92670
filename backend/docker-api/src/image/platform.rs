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

/// `linux/arm64/v8`, `linux`, `arm64`, as what imports takes it; `arch` is this machine's.
pub(super) fn of_text(text: &str, arch: &str) -> Reply<Platform> {
    let parts: Vec<&str> = text.split('/').collect();
    let is_part = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    if !parts.iter().all(is_part) || parts.len() > 3 {
        let why = if parts.len() > 3 { "cannot parse platform specifier" } else { "invalid component" };
        return Err(Error::bad(format!("{text:?}: {why}: invalid argument")));
    }
    let platform = |os: &str, architecture: &str, variant: &str| Platform {
        os: os.to_owned(),
        architecture: architecture.to_owned(),
        variant: variant.to_owned(),
    };
    Ok(match parts[..] {
        [os @ ("linux" | "windows" | "darwin" | "freebsd")] => platform(os, arch, ""),
        [architecture] => platform("linux", architecture, ""),
        [os, architecture] => platform(os, architecture, ""),
        [os, architecture, variant, ..] => platform(os, architecture, variant),
        [] => platform("linux", arch, ""),
    })
}
