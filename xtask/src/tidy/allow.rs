//! A lint that is switched off says why: by `reason = "…"`, or by a comment beside or above.

use super::{File, ending, lines};

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in ending(files, &[".rs"]) {
        let mut above = "";
        let mut in_tests = false;
        for (number, line) in lines(file) {
            in_tests |= line.trim() == "#[cfg(test)]";
            let trimmed = line.trim_start();
            let switched_off =
                ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|it| trimmed.starts_with(it));
            // In tests `unwrap` and `expect` are how a test fails: everybody knows why.
            let usual = (in_tests || is_test(&file.path)) && only_usual(trimmed);
            let explained = line.contains("reason =") || line.contains("//") || above.trim_start().starts_with("//");
            if switched_off && !usual && !explained {
                complaints.push(format!("{}:{number}: a lint is switched off without a reason", file.path));
            }
            above = line;
        }
    }
    complaints
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("tests.rs") || path.ends_with("/testing.rs")
}

/// Whether nothing but the lints that every test module switches off is in the list.
fn only_usual(line: &str) -> bool {
    let list = line.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(list, _)| list);
    let usual = ["clippy::unwrap_used", "clippy::expect_used", "clippy::panic"];
    !list.is_empty() && list.split(',').all(|lint| usual.contains(&lint.trim()))
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::check;

    #[test]
    fn wants_a_reason() {
        assert_eq!(check(&[file("a.rs", "#[allow(dead_code)]\nfn f() {}\n")]).len(), 1);
        assert!(check(&[file("a.rs", "#[allow(dead_code, reason = \"the kernel's\")]\n")]).is_empty());
        assert!(check(&[file("a.rs", "// The kernel's.\n#[allow(dead_code)]\n")]).is_empty());
    }

    #[test]
    fn lets_tests_unwrap_and_no_more() {
        let module = "#[cfg(test)]\nmod tests {\n    #![allow(clippy::unwrap_used)]\n}\n";
        assert!(check(&[file("a.rs", module)]).is_empty());
        assert_eq!(check(&[file("a.rs", &module.replace("unwrap_used", "todo"))]).len(), 1);
        assert_eq!(check(&[file("a.rs", "#![allow(clippy::unwrap_used)]\n")]).len(), 1);
    }
}
