//! Inside a crate, too, arrows point one way: which of its modules stands above which.

use super::{File, code};
use std::collections::BTreeMap;

struct Crate {
    source: &'static str,
    /// Its modules from the lowest: each uses only those named before it. What the crate's root defines itself lies below all of them.
    order: &'static str,
    /// Pairs that are one thing in two places, and may use each other.
    tied: &'static [(&'static str, &'static str)],
}

const CRATES: &[Crate] = &[
    Crate {
        source: "backend/archive/src/",
        order: "error limits format content header compression layer testing",
        tied: &[],
    },
    Crate {
        source: "backend/engine/src/",
        order: "error time id label pattern du signal taken accept tree turns blocking db event namespace disk keeper store dockerfile repository \
                network image volume parts container host engine",
        // Every verb of what is on a host is a verb of the host.
        tied: &[("container", "host"), ("image", "host"), ("network", "host"), ("volume", "host")],
    },
    Crate { source: "backend/protocol/src/", order: "deck harbour instructor place session message", tied: &[] },
    Crate {
        source: "backend/registry/src/",
        order: "text json dial error digest credentials config manifest source http challenge refusal auth peer \
                repository client search",
        tied: &[],
    },
    Crate {
        source: "backend/registry-api/src/",
        order: "error query path gate registry range page receive base tags blob manifest upload router patient serve",
        tied: &[],
    },
    Crate {
        source: "backend/runtime/src/",
        order: "sys failure wire init defaults beneath filesystem disk cgroup seccomp files process keeper zygote",
        tied: &[],
    },
];

pub(super) fn check(files: &[File]) -> Vec<String> {
    CRATES.iter().flat_map(|rule| check_crate(rule, files)).collect()
}

fn check_crate(rule: &Crate, files: &[File]) -> Vec<String> {
    let here = "xtask/src/tidy/modules.rs";
    let sources = || files.iter().filter(|file| file.path.starts_with(rule.source) && file.path.ends_with(".rs"));
    let modules: BTreeMap<&str, usize> =
        rule.order.split_whitespace().enumerate().map(|(place, module)| (module, place)).collect();
    let root = sources().find(|file| is_root(rule, file));
    let exported = root.map(|root| exports(&root.text)).unwrap_or_default();
    let gone = |module: &str| root.is_some() && !sources().any(|file| below(rule, file).first() == Some(&module));
    let mut complaints: Vec<String> = rule
        .order
        .split_whitespace()
        .filter(|module| gone(module))
        .map(|module| format!("{here}: there is no module `{module}` in {}", rule.source))
        .collect();
    for file in sources().filter(|file| !is_root(rule, file) && !is_test(&file.path)) {
        let below = below(rule, file);
        let from = below.first().copied().unwrap_or_default();
        let Some(place) = modules.get(from) else {
            complaints.push(format!("{}: {here} doesn't say where the module `{from}` stands", file.path));
            continue;
        };
        for (line, name) in arrows(&program(&file.text), below.len()) {
            let to = exported.get(&name).map_or(name.as_str(), String::as_str);
            let up = modules.get(to).is_some_and(|other| other > place);
            if up && !rule.tied.iter().any(|pair| *pair == (from, to) || *pair == (to, from)) {
                let path = &file.path;
                complaints
                    .push(format!("{path}:{line}: `{from}` uses `{to}`, which stands above it; move what both need"));
            }
        }
    }
    complaints
}

fn is_root(rule: &Crate, file: &File) -> bool {
    ["lib.rs", "main.rs"].iter().any(|name| file.path.strip_prefix(rule.source) == Some(name))
}

/// What only tests use may come from anywhere.
fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("tests.rs") || path.ends_with("/testing.rs")
}

/// The modules that a file is in, from the crate's root, the file's own included.
fn below<'a>(rule: &Crate, file: &'a File) -> Vec<&'a str> {
    let path = file.path.strip_prefix(rule.source).and_then(|path| path.strip_suffix(".rs")).unwrap_or_default();
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').collect()
}

/// What the crate's root gives away of its modules: `pub use error::Error` puts `error` at `Error`.
fn exports(root: &str) -> BTreeMap<String, String> {
    let text = program(root);
    let uses = text.split(';').filter_map(|statement| statement.rsplit_once("use ")).map(|(_, path)| path);
    let split = uses.filter_map(|path| path.strip_prefix("crate::").unwrap_or(path).split_once("::"));
    split
        .flat_map(|(module, names)| {
            let last = |name: &str| name.rsplit([' ', ':', '{']).next().unwrap_or_default().to_owned();
            let names = names.split(',').map(|name| last(name.trim_matches([' ', '\n', '{', '}'])));
            names.filter(|name| !name.is_empty()).map(|name| (name, module.trim().to_owned())).collect::<Vec<_>>()
        })
        .collect()
}

/// A program's lines without comments, and empty where only tests are compiled.
fn program(text: &str) -> String {
    let mut kept = String::new();
    // What ends the piece that is left out: its last line, at the indentation of its first.
    let mut until: Option<String> = None;
    let mut test = false;
    for line in text.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if let Some(end) = &until {
            if line.starts_with(end.as_str()) {
                until = None;
            }
        } else if line.trim() == "#[cfg(test)]" {
            test = true;
        } else if test {
            test = line.trim_start().starts_with("#[");
            if line.ends_with('{') {
                until = Some(format!("{indent}}}"));
            }
        } else {
            kept.push_str(code(line));
        }
        kept.push('\n');
    }
    kept
}

/// Names in the crate's root that a program uses, each with its line. `depth`: how many modules the program is in.
fn arrows(program: &str, depth: usize) -> Vec<(usize, String)> {
    let to_root = ["crate::".to_owned(), "super::".repeat(depth)];
    let mut found = Vec::new();
    for prefix in to_root {
        for (at, _) in program.match_indices(&prefix) {
            let longer = |before: char| before.is_alphanumeric() || "_:$".contains(before);
            let rest = &program[at + prefix.len()..];
            if program[..at].ends_with(longer) || rest.starts_with("super::") {
                continue;
            }
            let line = program[..at].matches('\n').count() + 1;
            found.extend(names(rest).into_iter().map(|name| (line, name)));
        }
    }
    found
}

/// The first names of a path: `a` of `a::b`, `a` and `c` of `{a::b, c::{d, e}}`.
fn names(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else { return vec![word(path)] };
    let mut depth = 0;
    let mut names = vec![word(list)];
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(&list[at + 1..])),
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[cfg(test)]
mod tests;
