//! Platforms as clients write them.

use crate::error::{Error, Reply};
use crate::query::Params;
use engine::image::{Image, Platform};

/// `{"os": "linux", "architecture": "arm64"}`, as what saves and loads takes it.
pub(super) fn of_json(params: &Params) -> Reply<Option<Platform>> {
    match params.all("platform")[..] {
        [] | [""] => Ok(None),
        [text] => decode(text).map(Some),
        _ => Err(Error::bad("multiple platform parameters not supported")),
    }
}

pub(super) fn decode(text: &str) -> Reply<Platform> {
    let platform: Platform =
        serde_json::from_str(text).map_err(|error| Error::bad(format!("failed to parse platform: {error}")))?;
    match (platform.os.is_empty(), platform.architecture.is_empty()) {
        (false, false) => Ok(platform),
        (true, true) if !platform.variant.is_empty() => {
            Err(Error::bad("optional platform fields provided, but OS and Architecture are missing"))
        }
        _ => Err(Error::bad("both OS and Architecture must be provided")),
    }
}

/// Refuses, in Docker's words, an image that isn't for this platform.
pub(super) fn check(platform: &Platform, name: &str, image: &Image) -> Reply<()> {
    let actual = image.platform();
    if platform.runs(&actual) {
        return Ok(());
    }
    Err(Error::not_found(format!(
        "image with reference {name} was found but its platform ({actual}) does not match the specified platform ({platform})"
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::image::nothing;

    #[test]
    fn what_is_no_platform_is_refused() {
        for (text, message) in [
            (r#"{"os":"linux"}"#, "both OS and Architecture must be provided"),
            ("{}", "both OS and Architecture must be provided"),
            (r#"{"variant":"v8"}"#, "optional platform fields provided, but OS and Architecture are missing"),
        ] {
            assert_eq!(decode(text).unwrap_err().message, message);
        }
        assert!(decode("x").unwrap_err().message.starts_with("failed to parse platform: "));
        let platform = decode(r#"{"os":"a","architecture":"b","variant":"c"}"#).unwrap();
        assert_eq!(
            check(&platform, "x", &nothing()).unwrap_err().message,
            "image with reference x was found but its platform (/) does not match the specified platform (a/b/c)"
        );
    }
}
