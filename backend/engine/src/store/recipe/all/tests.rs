#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::Owner;
use crate::testing::Scratch;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Recipes by name: what each lies on, and what its setup does.
fn recipes(dir: &Scratch, all: &[(&str, &str, &str)]) -> Vec<Recipe> {
    for (name, from, setup) in all {
        let dir = dir.path().join(format!("the-{name}"));
        fs::create_dir(&dir).unwrap();
        let recipe =
            format!("name = ['{name}', '{name}:1']\nfrom = '{from}'\nsetup = 'setup'\ndescription = 'A {name}'");
        fs::write(dir.join("recipe.toml"), recipe).unwrap();
        fs::write(dir.join("setup"), format!("#!/bin/sh\n{setup}\n")).unwrap();
        fs::set_permissions(dir.join("setup"), PermissionsExt::from_mode(0o755)).unwrap();
    }
    Recipe::load_all(dir.path()).unwrap()
}

fn titles(recipes: &[Recipe]) -> Vec<&str> {
    recipes.iter().map(Recipe::title).collect()
}

#[test]
fn each_is_built_after_what_it_lies_on_and_a_failure_stops_only_what_lies_on_it() {
    let (dir, data) = (Scratch::new(), Scratch::new());
    let store = Store::open(data.path(), Database::open(data.path()).unwrap()).unwrap();
    let recipes = recipes(
        &dir,
        &[
            ("a", "b:1", "touch $1/a"),
            ("b", "c", "touch $1/b"),
            ("c", "scratch", "touch $1/c"),
            ("d", "e", "touch $1/d"),
            ("e", "scratch", "exit 1"),
            ("f", "d", "touch $1/f"),
            ("g", "h", "touch $1/g"),
            ("h", "g", "touch $1/h"),
        ],
    );
    let said = Mutex::new(Vec::new());
    let say = |recipe: &Recipe, event: Event<'_>| {
        let what = match event {
            Event::IsThere => "there",
            Event::Step(_) => return,
            Event::Built { .. } => "built",
            Event::Failed(_) => "failed",
        };
        said.lock().push(format!("{} {what}", recipe.name[0]));
    };
    let errors = build_all(&recipes, &store, true, &say);
    assert_eq!(errors.len(), 5, "{errors:?}");
    let mut lines = said.lock().split_off(0);
    let at = |line: &str| lines.iter().position(|said| said == line).unwrap();
    assert!(at("c built") < at("b built") && at("b built") < at("a built"), "{lines:?}");
    lines.sort();
    assert_eq!(lines, ["a built", "b built", "c built", "d failed", "e failed", "f failed", "g failed", "h failed"]);
    assert_eq!(store.image(&Owner::Catalogue, "a").unwrap().config.rootfs.diff_ids.len(), 3);

    // What is there, is; and what fails is tried again.
    assert_eq!(build_all(&recipes, &store, true, &say).len(), 5);
    let mut lines = said.lock().split_off(0);
    lines.sort();
    assert_eq!(lines[..3], ["a there", "b there", "c there"]);

    let offers = store.offers().unwrap();
    assert_eq!(offers.iter().map(|offer| &*offer.name).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!((&*offers[0].description, &offers[0].tags[..]), ("A a", &["1".to_owned(), "latest".to_owned()][..]));
}

#[test]
fn only_what_is_named_and_what_that_lies_on() {
    let dir = Scratch::new();
    let all = recipes(&dir, &[("a", "b", ""), ("b", "scratch", ""), ("c", "debian", "")]);
    let only = |names: &[&str]| select(all.clone(), &names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
    assert_eq!(titles(&only(&["a"]).unwrap()), ["the-a", "the-b"]);
    assert_eq!(titles(&only(&["the-c", "b:1"]).unwrap()), ["the-b", "the-c"]);
    only(&["c:1.26"]).unwrap_err();
    let mut versioned = all.clone();
    versioned[2].version = Some("c".to_owned());
    assert_eq!(titles(&select(versioned, &["c:1.26".to_owned()]).unwrap()), ["the-c"]);
    let error = only(&["a", "x"]).unwrap_err();
    assert_eq!(error.message, "There is no recipe of x, but of the-a, the-b, the-c.");
}
