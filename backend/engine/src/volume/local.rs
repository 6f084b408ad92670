//! The options of the driver `local`: its rules, in its words.

use super::DRIVER;
use crate::{Error, ErrorKind, Result};
use std::collections::BTreeMap;

/// Each, and those that it needs.
const KNOWN: [(&str, &[&str]); 4] =
    [("device", &["type"]), ("o", &["device", "type"]), ("size", &[]), ("type", &["device"])];

/// # Errors
/// There is no such driver.
pub(super) fn check_driver(name: &str, driver: &str) -> Result<()> {
    match driver {
        "" | DRIVER => Ok(()),
        other => Err(Error::not_found(format!(
            "create {name}: error looking up volume plugin {other}: plugin \"{other}\" not found"
        ))),
    }
}

/// # Errors
/// One that the driver doesn't know, one without another that it needs, or what is not there yet.
pub(super) fn check(name: &str, options: &BTreeMap<String, String>) -> Result<()> {
    let invalid = |why: String| Err(Error::invalid(format!("create {name}: {why}")));
    if let Some(unknown) = options.keys().find(|option| !KNOWN.iter().any(|(known, _)| known == option)) {
        return invalid(format!("invalid option: \"{unknown}\""));
    }
    for (_, needs) in KNOWN.iter().filter(|(option, _)| options.contains_key(*option)) {
        if let Some(missing) = needs.iter().find(|option| !options.contains_key(**option)) {
            return invalid(format!("missing required option: \"{missing}\""));
        }
    }
    if options.contains_key("size") {
        return invalid("quota size requested but no quota support".to_owned());
    }
    if options.is_empty() || bound(options).is_some() {
        return Ok(());
    }
    let kind = options.get("type").map_or("", String::as_str);
    Err(Error::new(
        ErrorKind::NotImplemented,
        format!(
            "create {name}: a volume of type {kind:?} is not there yet in Lernhafen: of the driver's options it has \
             type=none with o=bind and an absolute path as device"
        ),
    ))
}

/// The path in the workstation that stands for the volume, and whether it is to be read only.
pub(super) fn bound(options: &BTreeMap<String, String>) -> Option<(&str, bool)> {
    let words = options.get("o")?.split(',');
    let is_bind = words.clone().any(|word| matches!(word, "bind" | "rbind"));
    let known = words.clone().all(|word| matches!(word, "bind" | "rbind" | "ro" | "rw"));
    let device = options.get("device").filter(|device| device.starts_with('/') && !device.contains("/.."))?;
    (is_bind && known).then_some((device, words.clone().any(|word| word == "ro")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn options_are_the_drivers() {
        assert!(check("x", &options(&[])).is_ok());
        let bind = options(&[("type", "none"), ("device", "/srv"), ("o", "bind,ro")]);
        assert!(check("x", &bind).is_ok());
        assert_eq!(bound(&bind), Some(("/srv", true)));
        for (pairs, why) in [
            (&[("foo", "bar")][..], "invalid option: \"foo\""),
            (&[("type", "tmpfs")], "missing required option: \"device\""),
            (&[("o", "bind")], "missing required option: \"device\""),
            (&[("device", "x")], "missing required option: \"type\""),
            (&[("size", "1m")], "quota size requested but no quota support"),
        ] {
            assert_eq!(check("x", &options(pairs)).unwrap_err().message, format!("create x: {why}"));
        }
        for (kind, device, o) in [("nfs", ":/x", "addr=1"), ("none", "srv", "bind"), ("none", "/a/../b", "bind")] {
            let error = check("x", &options(&[("type", kind), ("device", device), ("o", o)])).unwrap_err();
            assert_eq!(error.kind, ErrorKind::NotImplemented);
        }
    }
}
