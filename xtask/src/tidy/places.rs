//! Nothing of the machine that somebody wrote it on is in the project: no path of theirs, no mirror of theirs.

use super::{File, lines};

/// Parts of a word are joined here, so that this file does not name what it looks for.
const PLACES: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/tmp/", "wt/"), "a path of one machine"),
    (concat!("/tmp/", "target"), "a path of one machine"),
    (concat!("index.", "crates.io"), "where crates come from is cargo's matter"),
    (concat!("registry.", "npmjs"), "where packages come from is npm's matter"),
    (concat!("arti", "factory"), "where packages come from is the machine's matter"),
    (concat!("\"reso", "lved\":"), "where packages come from is npm's matter"),
];

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        for (number, line) in lines(file) {
            // What cargo writes: the name of the registry, not where it is.
            if file.path == "Cargo.lock" {
                break;
            }
            for (place, reason) in PLACES.iter().filter(|(place, _)| line.contains(place)) {
                complaints.push(format!("{}:{number}: {place}: {reason}", file.path));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::check;

    #[test]
    fn finds_a_path_of_one_machine() {
        let text = concat!("see /wo", "rk/shared/notes\n");
        assert_eq!(check(&[file("docs/a.md", text)]).len(), 1);
        assert!(check(&[file("docs/a.md", "see docs/notes, and its workings\n")]).is_empty());
    }

    #[test]
    fn finds_an_address_in_a_lock_file() {
        let text = concat!("  \"reso", "lved\": \"somewhere\"\n");
        assert_eq!(check(&[file("frontend/package-lock.json", text)]).len(), 1);
    }
}
