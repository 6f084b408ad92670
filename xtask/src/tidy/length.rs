//! A file that does not fit into one's head should be two.

use super::{File, ending};

const MOST: usize = 400;

pub(super) fn check(files: &[File]) -> Vec<String> {
    ending(files, &[".rs", ".css", ".mjs"])
        .filter_map(|file| {
            let length = file.text.lines().count();
            (length > MOST).then(|| format!("{}: {length} lines; split it, {MOST} is the most", file.path))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::{MOST, check};

    #[test]
    fn finds_a_file_that_is_one_line_too_long() {
        let just = file("a.rs", &"x\n".repeat(MOST));
        let over = file("b.rs", &"x\n".repeat(MOST + 1));
        assert!(check(&[just]).is_empty());
        assert_eq!(check(&[over]).len(), 1);
    }
}
