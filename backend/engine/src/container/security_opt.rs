//! `--security-opt`: words that Docker has for several things at once.

use crate::{Error, Result};

/// What the options of one container come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SecurityOptions<'a> {
    pub(crate) no_new_privileges: bool,
    /// `unconfined`, `builtin`, or the text of a profile.
    pub(crate) seccomp: Option<&'a str>,
    /// For show: a virtual host is a machine without AppArmor, where Docker takes any name and applies none.
    /// It is the same with SELinux's labels.
    pub(crate) apparmor: Option<&'a str>,
}

impl<'a> SecurityOptions<'a> {
    /// Errors, in Docker's words: an option that isn't known, or that makes no sense.
    pub(crate) fn parse(options: &'a [String]) -> Result<Self> {
        let mut parsed = Self::default();
        for option in options {
            if option == "disable" {
                continue;
            }
            let (key, value) = match option.as_str() {
                "no-new-privileges" | "writable-cgroups" => (option.as_str(), "true"),
                _ => option
                    .split_once('=')
                    .or_else(|| option.split_once(':'))
                    .ok_or_else(|| Error::invalid(format!("invalid --security-opt 1: {option:?}")))?,
            };
            match (key, boolean(value)) {
                ("label", _) => {}
                ("apparmor", _) => parsed.apparmor = Some(value),
                ("seccomp", _) => parsed.seccomp = Some(value),
                ("no-new-privileges", Some(set)) => parsed.no_new_privileges = set,
                ("writable-cgroups", Some(false)) => {}
                ("writable-cgroups", Some(true)) => {
                    return Err(Error::invalid(
                        "--security-opt writable-cgroups is not possible here: control groups hold the limits of this \
                         virtual host, and are read-only in all of its containers",
                    ));
                }
                _ => return Err(Error::invalid(format!("invalid --security-opt 2: {option:?}"))),
            }
        }
        Ok(parsed)
    }
}

/// As Go reads them.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn options_are_read_as_docker_reads_them() {
        let none = SecurityOptions::default;
        let strict = SecurityOptions { no_new_privileges: true, ..none() };
        let cases = [
            ("no-new-privileges", strict),
            ("no-new-privileges:false", none()),
            ("seccomp:unconfined", SecurityOptions { seccomp: Some("unconfined"), ..none() }),
            ("seccomp={\"a\":\"b=c\"}", SecurityOptions { seccomp: Some("{\"a\":\"b=c\"}"), ..none() }),
            ("apparmor=x", SecurityOptions { apparmor: Some("x"), ..none() }),
            ("label:type:x", none()),
        ];
        for (option, expected) in cases {
            assert_eq!(SecurityOptions::parse(&[option.to_owned()]).unwrap(), expected, "{option}");
        }
        for (option, number) in [("foo", 1), ("foo=bar", 2), ("no-new-privileges:x", 2), ("writable-cgroups=x", 2)] {
            let error = SecurityOptions::parse(&[option.to_owned()]).unwrap_err();
            assert_eq!(error.message, format!("invalid --security-opt {number}: \"{option}\""));
        }
        assert!(SecurityOptions::parse(&["writable-cgroups".to_owned()]).unwrap_err().message.contains("read-only"));
    }
}
