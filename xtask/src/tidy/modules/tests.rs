use super::super::file;
use super::*;

const RULE: Crate = Crate { source: "backend/a/src/", order: "low middle high", tied: &[("middle", "high")] };

fn complaints(path: &str, text: &str) -> Vec<String> {
    check_crate(&RULE, &[file(&format!("backend/a/src/{path}"), text)])
}

#[test]
fn keeps_the_order() {
    assert!(complaints("middle.rs", "use crate::low::Thing;\n").is_empty());
    assert!(complaints("low.rs", "use crate::low::Thing;\n").is_empty());
    let found = complaints("low/deep/mod.rs", "use std::io;\nuse crate::middle::Thing;\n");
    assert!(found[0].starts_with("backend/a/src/low/deep/mod.rs:2: `low` uses `middle`"), "{found:?}");
    assert!(complaints("middle.rs", "use crate::high::Thing;\n").is_empty(), "the two are one thing");
}

#[test]
fn sees_every_way_to_say_it() {
    for text in [
        "use crate::{low, high};\n",
        "use crate::{\n    low::{self, Thing},\n    high::Thing,\n};\n",
        "use super::high;\n",
        "pub(crate) use super::{high};\n",
        "fn f(it: crate::high::Thing) {}\n",
        "#[cfg(test)]\nuse super::{\n    a,\n};\nuse crate::high::Thing;\n",
    ] {
        assert_eq!(complaints("low.rs", text).len(), 1, "{text}");
    }
    assert_eq!(complaints("low/deep.rs", "use super::super::high;\n").len(), 1);
    assert!(complaints("low/deep.rs", "use super::high;\n").is_empty(), "that is `low::high`");
}

#[test]
fn follows_what_the_root_gives_away() {
    for export in ["pub use high::Thing;", "pub(crate) use high::{\n    a::B,\n    Other as Thing,\n};"] {
        let root = file("backend/a/src/lib.rs", &format!("mod low;\n{export}\n"));
        let modules =
            ["low", "middle", "high"].map(|name| file(&format!("backend/a/src/{name}.rs"), "use crate::Thing;\n"));
        let found = check_crate(&RULE, &[&[root], &modules[..]].concat());
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

#[test]
fn leaves_tests_and_comments_alone() {
    assert!(
        complaints("low.rs", "// crate::high\n#[cfg(test)]\nmod tests {\n    use crate::high::Thing;\n}\n").is_empty()
    );
    assert!(complaints("low/tests.rs", "use crate::high::Thing;\n").is_empty());
}

#[test]
fn wants_to_know_every_module_and_no_other() {
    assert_eq!(complaints("new.rs", "").len(), 1);
    assert_eq!(complaints("lib.rs", "mod low;\n").len(), 3);
}
