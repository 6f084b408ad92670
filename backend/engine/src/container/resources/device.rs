//! Block devices by name.

use crate::{Error, Result};

/// Major and minor number of a disk or partition that the kernel knows. The path is compared, never opened: a tenant has chosen it.
pub(super) fn numbers(path: &str) -> Result<(i64, i64)> {
    let known = std::fs::read_to_string("/proc/partitions")
        .map_err(|error| Error::system(format!("cannot read which block devices there are: {error}")))?;
    find(&known, path).ok_or_else(|| Error::invalid(format!("stat {path}: no such file or directory")))
}

fn find(partitions: &str, path: &str) -> Option<(i64, i64)> {
    let name = path.strip_prefix("/dev/")?;
    partitions.lines().find_map(|line| {
        let mut columns = line.split_whitespace();
        let (major, minor) = (columns.next()?.parse().ok()?, columns.next()?.parse().ok()?);
        (columns.nth(1)? == name).then_some((major, minor))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_numbers() {
        let partitions = "major minor  #blocks  name\n\n 254        0  268435456 vda\n 254        1  100 vda1\n";
        assert_eq!(find(partitions, "/dev/vda1"), Some((254, 1)));
        for unknown in ["/dev/vdb", "vda", "/dev/../vda", "/dev/", "/dev/name"] {
            assert_eq!(find(partitions, unknown), None, "{unknown}");
        }
    }
}
