//! `-v source:target:mode`, by Docker's rules and in its words.

use super::{BindOptions, Mount, MountPoint, VolumeOptions, mode, typed};
use crate::{Error, Result};

/// What comes of one.
pub(super) fn point(raw: &str) -> Result<MountPoint> {
    let wrong = || Error::invalid(format!("invalid volume specification: '{raw}'"));
    let parts: Vec<&str> = raw.splitn(4, ':').collect();
    let (source, target, words) = match parts[..] {
        ["", ..] => return Err(wrong()),
        [target] => ("", target, ""),
        // A target and a mode: as if there were a volume that is called like a path.
        [_, words] if mode::is_valid(words) => return Err(wrong()),
        [source, target] => (source, target, ""),
        [source, target, words] => (source, target, words),
        _ => return Err(wrong()),
    };
    if !mode::is_valid(words) {
        return Err(Error::invalid(format!("invalid mode: {words}")));
    }
    let is_path = source.starts_with('/');
    let asked = Mount {
        kind: if is_path { "bind" } else { "volume" }.to_owned(),
        source: source.to_owned(),
        target: target.to_owned(),
        read_only: !mode::is_writable(words),
        bind: mode::propagation(words)
            .map(|propagation| BindOptions { propagation: propagation.to_owned(), ..BindOptions::default() }),
        volume: mode::is_nocopy(words).then(|| VolumeOptions { no_copy: true, ..VolumeOptions::default() }),
        ..Mount::default()
    };
    let point = typed::point(&asked)
        .map_err(|error| Error { message: format!("{}: {}", wrong().message, error.message), ..error })?;
    Ok(MountPoint { mode: words.to_owned(), make: is_path, ..point })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::container::MountKind;

    #[test]
    fn sources_are_paths_or_names() {
        let bind = point("/tmp//u/../v/:/y/:ro,rslave").unwrap();
        assert_eq!((bind.kind, bind.source.as_str(), bind.target.as_str()), (MountKind::Bind, "/tmp/v", "/y"));
        assert!(bind.make && !bind.writable && bind.propagation == "rslave");
        let volume = point("daten:/x:nocopy,z").unwrap();
        assert_eq!((volume.kind, volume.name.as_str(), volume.mode.as_str()), (MountKind::Volume, "daten", "nocopy,z"));
        assert!(!volume.copy && volume.writable && !volume.make && point("daten:/x").unwrap().copy);
    }

    #[test]
    fn what_can_not_be_is_refused_in_dockers_words() {
        for (raw, why) in [
            (":/x", "invalid volume specification: ':/x'"),
            ("/x:ro", "invalid volume specification: '/x:ro'"),
            ("a:/b:ro:x", "invalid volume specification: 'a:/b:ro:x'"),
            ("/a:/b:c", "invalid mode: c"),
            (
                "da:/",
                "invalid volume specification: 'da:/': invalid mount config for type \"volume\": invalid specification: \
                 destination can't be '/'",
            ),
            (
                "/a:/b:nocopy",
                "invalid volume specification: '/a:/b:nocopy': invalid mount config for type \"bind\": field VolumeOptions \
                 must not be specified",
            ),
            (
                "da:/b:shared",
                "invalid volume specification: 'da:/b:shared': invalid mount config for type \"volume\": field BindOptions \
                 must not be specified",
            ),
        ] {
            assert_eq!(point(raw).unwrap_err().message, why);
        }
    }
}
