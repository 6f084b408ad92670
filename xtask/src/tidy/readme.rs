//! Whoever opens the project finds the two commands that everything begins with.

use super::File;

const COMMANDS: &[&str] = &["cargo xtask run", "cargo xtask test"];

pub(super) fn check(files: &[File]) -> Vec<String> {
    let Some(readme) = files.iter().find(|file| file.path == "README.md") else {
        return vec!["README.md: is missing".to_owned()];
    };
    let missing = COMMANDS.iter().filter(|command| !readme.text.contains(**command));
    missing.map(|command| format!("README.md: does not name `{command}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::check;

    #[test]
    fn wants_both_commands() {
        assert!(check(&[file("README.md", "`cargo xtask run` and `cargo xtask test`")]).is_empty());
        assert_eq!(check(&[file("README.md", "`cargo xtask run`")]).len(), 1);
        assert_eq!(check(&[]).len(), 1);
    }
}
