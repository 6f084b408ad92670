//! The words after the second colon of `-v`.

/// Of each group one at most.
const GROUPS: [&[&str]; 5] =
    [&["rw", "ro"], &["z", "Z"], &PROPAGATIONS, &["nocopy"], &["default", "consistent", "cached", "delegated"]];

pub(super) const PROPAGATIONS: [&str; 6] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

/// By Docker's rule; none at all is one, too.
pub(super) fn is_valid(mode: &str) -> bool {
    let words = || mode.split(',');
    mode.is_empty()
        || words().all(|word| GROUPS.iter().any(|group| group.contains(&word)))
            && GROUPS.iter().all(|group| words().filter(|word| group.contains(word)).count() <= 1)
}

pub(super) fn is_writable(mode: &str) -> bool {
    !mode.split(',').any(|word| word == "ro")
}

pub(super) fn is_nocopy(mode: &str) -> bool {
    mode.split(',').any(|word| word == "nocopy")
}

pub(super) fn propagation(mode: &str) -> Option<&str> {
    mode.split(',').find(|word| PROPAGATIONS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_dockers() {
        for good in ["", "ro", "rw", "z,ro,cached", "Z", "nocopy,z", "rslave", "ro,private,delegated"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["ro,rw", "z,Z", "ro,", ",", "RO", "copy", "shared,slave", "ro,ro", "nocopy,nocopy", " ro"] {
            assert!(!is_valid(bad), "{bad}");
        }
        assert!(!is_writable("z,ro") && is_writable("z") && is_nocopy("z,nocopy") && !is_nocopy("z"));
        assert_eq!((propagation("ro,rshared"), propagation("ro")), (Some("rshared"), None));
    }
}
