//! Names of capabilities, and what is left of Docker's default when some are added and some dropped.

use crate::{Error, Result};
use oci_spec::runtime::Capability;
use runtime::defaults;

/// Errors: a name that no capability has; `field` is where it was.
pub(crate) fn check(names: &[String], field: &str) -> Result<()> {
    match names.iter().find(|name| !is_all(name) && parse(name).is_none()) {
        Some(name) => Err(Error::invalid(format!("invalid {field}: unknown capability: \"{}\"", canonical(name)))),
        None => Ok(()),
    }
}

/// Docker's rules: `ALL` of one list means "all but the other list's", and what is added wins over what is dropped.
pub(crate) fn adjusted(add: &[String], drop: &[String]) -> Result<Vec<Capability>> {
    check(add, "CapAdd")?;
    check(drop, "CapDrop")?;
    let listed = |names: &[String]| names.iter().filter_map(|name| parse(name)).collect::<Vec<_>>();
    let (added, dropped) = (listed(add), listed(drop));
    let without = |all: &[Capability]| all.iter().copied().filter(|one| !dropped.contains(one)).collect::<Vec<_>>();
    Ok(if add.iter().any(|name| is_all(name)) {
        without(&defaults::ALL_CAPABILITIES)
    } else if drop.iter().any(|name| is_all(name)) {
        added
    } else {
        [without(&defaults::CAPABILITIES), added].concat()
    })
}

/// The capability of a name with or without `CAP_`.
pub(crate) fn parse(name: &str) -> Option<Capability> {
    canonical(name).strip_prefix("CAP_").and_then(|name| name.parse().ok())
}

pub(crate) fn is_all(name: &str) -> bool {
    name.eq_ignore_ascii_case("ALL")
}

/// `CAP_` and the name in capitals.
fn canonical(name: &str) -> String {
    let name = name.to_ascii_uppercase();
    if name.starts_with("CAP_") { name } else { format!("CAP_{name}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn adding_and_dropping_is_as_in_docker() {
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let count = |add: &[&str], drop: &[&str]| adjusted(&names(add), &names(drop)).unwrap().len();
        assert_eq!(count(&[], &[]), 14);
        assert_eq!(count(&["sys_admin"], &["CAP_CHOWN", "mknod"]), 13);
        assert_eq!(count(&["CHOWN"], &["all"]), 1);
        assert_eq!(count(&["ALL"], &["ALL"]), 41);
        assert_eq!(count(&["ALL"], &["NET_RAW"]), 40);
        // Twice in the list, once in the set.
        assert!(adjusted(&names(&["chown"]), &names(&["chown"])).unwrap().contains(&Capability::Chown));
    }

    #[test]
    fn unknown_names_are_refused_in_dockers_words() {
        let error = |name: &str| check(&[name.to_owned()], "CapAdd").unwrap_err().message;
        assert_eq!(error("nope"), "invalid CapAdd: unknown capability: \"CAP_NOPE\"");
        assert_eq!(error(""), "invalid CapAdd: unknown capability: \"CAP_\"");
        assert!(check(&["cap_sys_admin".to_owned(), "All".to_owned()], "CapAdd").is_ok());
    }
}
