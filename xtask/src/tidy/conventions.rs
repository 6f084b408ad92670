//! One way to write what can be written in several: imports, and where unit tests are.

use super::{File, code, ending, lines};

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in ending(files, &[".rs"]) {
        complaints.extend(imports(file));
        complaints.extend(test_files(file));
    }
    complaints
}

/// `use a::b::{C, D};`: a line says of which module something is, a change is one line, and they stand in one block, sorted.
fn imports(file: &File) -> Vec<String> {
    let mut complaints = Vec::new();
    // Whose import the last one was, and whether an empty line has followed.
    let mut last: Option<(&str, bool)> = None;
    let mut within: Option<&str> = None;
    for (number, line) in lines(file) {
        let code = code(line).trim();
        let begins = whose(code);
        if begins.is_some() && last.is_some_and(|(whose, apart)| apart && Some(whose) == begins) {
            complaints.push(format!("{}:{number}: imports are one block, without empty lines", file.path));
        }
        let braces = if within.is_some() { 0 } else { 1 };
        within = begins.or(within);
        if within.is_some() && code.matches('{').count() > braces {
            complaints.push(format!("{}:{number}: one `use` for each module, without braces in braces", file.path));
        }
        last = match (within, last) {
            (Some(whose), _) => Some((whose, false)),
            (None, Some((whose, apart))) if code.is_empty() => Some((whose, apart || line.trim().is_empty())),
            _ => None,
        };
        if code.contains(';') {
            within = None;
        }
    }
    complaints
}

/// `pub` and the like before an import, if the line begins one. What others are offered may stand apart.
fn whose(code: &str) -> Option<&str> {
    let (whose, _) = code.split_once("use ").filter(|_| code.contains("::") || code.ends_with(';'))?;
    matches!(whose, "" | "pub " | "pub(crate) " | "pub(super) ").then_some(whose)
}

/// Unit tests are in the file itself or, if they are long, in `tests.rs` of the module's folder.
fn test_files(file: &File) -> Option<String> {
    let named = file.path.ends_with("_tests.rs") && file.path.contains("/src/");
    named.then(|| format!("{}: a module's tests are in `tests.rs` of its folder", file.path))
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::check;

    #[test]
    fn imports_are_a_line_for_each_module_in_one_block() {
        for good in [
            "use a::b::{C, D};\nuse e::{\n    F,\n    G,\n};\n\nfn f() {}\n",
            "pub(crate) use a::B;\n\nuse c::D;\n",
            "use a::B;\n\npub use c::D;\n",
            "use a::B;\nfn f() {\n    match c { D { e } => {} }\n}\n",
        ] {
            assert_eq!(check(&[file("a.rs", good)]), Vec::<String>::new(), "{good}");
        }
        for bad in ["use a::{b::{C, D}, e};\n", "use a::{\n    b::{C, D},\n};\n", "use std::a;\n\nuse b::c;\n"] {
            assert_eq!(check(&[file("a.rs", bad)]).len(), 1, "{bad}");
        }
    }

    #[test]
    fn tests_are_where_all_are() {
        assert_eq!(check(&[file("backend/a/src/b_tests.rs", "")]).len(), 1);
        assert!(check(&[file("backend/a/src/b/tests.rs", ""), file("backend/a/tests/c_tests.rs", "")]).is_empty());
    }
}
