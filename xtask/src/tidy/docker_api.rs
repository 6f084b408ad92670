//! The engine knows nothing of HTTP, and the Docker API nothing of the machine.

use super::{File, code, ending, lines};

/// Crates that a file below the first path must not name, and why.
const FOREIGN: &[(&str, &[&str], &str)] = &[
    ("backend/engine/src/", &["axum::", "hyper::", "http::", "docker_api::"], "the engine knows nothing of HTTP"),
    ("backend/engine/src/", &["workshop", "Workshop"], "the engine knows no workshops"),
    (
        "backend/docker-api/src/",
        &["nix::", "rustix::", "libc::"],
        "the Docker API asks the engine for what the kernel does",
    ),
    (
        "backend/docker-api/src/",
        &["\"/sys/", "\"/proc/", "\"/var/lib/", "\"/run/", "\"/etc/"],
        "the Docker API knows no path of the machine",
    ),
];

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in ending(files, &[".rs"]) {
        for (below, words, reason) in FOREIGN.iter().filter(|(below, ..)| file.path.starts_with(below)) {
            debug_assert!(below.ends_with('/'));
            for (number, line) in lines(file) {
                // A test may say what the world looks like from outside.
                if line.trim() == "#[cfg(test)]" || file.path.contains("test") {
                    break;
                }
                if let Some(word) = words.iter().find(|word| mentions(code(line), word)) {
                    complaints.push(format!("{}:{number}: {reason}, but here is `{word}`", file.path));
                }
            }
        }
    }
    complaints
}

/// Whether `word` is there, and not as the end of a longer one.
fn mentions(code: &str, word: &str) -> bool {
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::check;

    #[test]
    fn keeps_http_out_of_the_engine() {
        assert_eq!(check(&[file("backend/engine/src/a.rs", "use hyper::Body;\n")]).len(), 1);
        assert!(check(&[file("backend/engine/src/a.rs", "use my_hyper::Body; // hyper::\n")]).is_empty());
    }

    #[test]
    fn keeps_paths_of_the_machine_out_of_the_docker_api() {
        assert_eq!(check(&[file("backend/docker-api/src/a.rs", "open(\"/sys/fs/cgroup\");\n")]).len(), 1);
        assert!(check(&[file("backend/docker-api/src/a.rs", "#[cfg(test)]\nopen(\"/sys/fs/cgroup\");\n")]).is_empty());
    }
}
