//! `unsafe` is in the crate `runtime` only, and every block of it says why it is sound.

use super::{File, code, ending, lines};

const HOME: &str = "backend/runtime/";

/// How many lines above an `unsafe` its comment may begin.
const REACH: usize = 12;

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in ending(files, &[".rs"]) {
        let all: Vec<&str> = file.text.lines().collect();
        for (number, line) in lines(file) {
            if !is_unsafe(line) {
                continue;
            }
            if !file.path.starts_with(HOME) {
                complaints.push(format!("{}:{number}: `unsafe` belongs into {HOME}", file.path));
            } else if !all[number.saturating_sub(REACH)..number].iter().any(|line| explains(line)) {
                complaints.push(format!("{}:{number}: `unsafe` without a `// SAFETY:` or `# Safety` above", file.path));
            }
        }
    }
    complaints
}

fn is_unsafe(line: &str) -> bool {
    let code = code(line);
    let at = |word: &str| code.trim_start().starts_with(word) || code.contains(&format!(" {word}"));
    at(concat!("unsafe", " {"))
        || at(concat!("unsafe", " fn"))
        || at(concat!("unsafe", " impl"))
        || at(concat!("unsafe", " extern"))
}

fn explains(line: &str) -> bool {
    line.contains("// SAFETY:") || line.contains("# Safety")
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::check;

    const BLOCK: &str = concat!("    unsafe", " { f() }\n");

    #[test]
    fn finds_it_outside_runtime() {
        assert_eq!(check(&[file("backend/engine/src/lib.rs", &format!("// SAFETY: no\n{BLOCK}"))]).len(), 1);
    }

    #[test]
    fn wants_a_reason() {
        assert_eq!(check(&[file("backend/runtime/src/lib.rs", BLOCK)]).len(), 1);
        assert!(check(&[file("backend/runtime/src/lib.rs", &format!("// SAFETY: yes\n{BLOCK}"))]).is_empty());
    }

    #[test]
    fn leaves_the_word_in_a_comment_alone() {
        assert!(check(&[file("backend/engine/src/lib.rs", "// no unsafe { here\n")]).is_empty());
    }
}
