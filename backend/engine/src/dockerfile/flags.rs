//! `--name=value` between an instruction and its arguments.

use crate::{Error, Result};
use std::collections::BTreeMap;

/// The flags of an instruction that knows these.
pub(super) fn read<'a>(given: &'a [String], known: &[&str]) -> Result<BTreeMap<&'a str, &'a str>> {
    let mut flags = BTreeMap::new();
    for flag in given {
        let flag = flag.trim_start_matches("--");
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        if !known.contains(&name) {
            return Err(Error::invalid(format!("unknown flag: --{name}")));
        }
        let value = value.ok_or_else(|| Error::invalid(format!("missing a value on flag: --{name}")))?;
        if flags.insert(name, value).is_some() {
            return Err(Error::invalid(format!("duplicate flag specified: --{name}")));
        }
    }
    Ok(flags)
}
