#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::ErrorKind;
use crate::db::Database;
use crate::store::{NewImage, RemoveOptions};
use crate::testing::Scratch;
use crate::testing::host;
use archive::testing::Tar;

fn store(dir: &Scratch) -> Store {
    Store::open(dir.path(), Database::open(dir.path()).unwrap()).unwrap()
}

fn add(store: &Store, name: &str, created: i64) -> Image {
    let new = NewImage { names: vec![Reference::parse(name).unwrap()], created, ..NewImage::default() };
    store.import(Tar::new().bytes().as_slice(), new).unwrap()
}

#[test]
fn a_name_an_id_and_its_beginning_mean_the_same() {
    let dir = Scratch::new();
    let store = store(&dir);
    let image = add(&store, "debian:latest", 1);
    store.adopt_catalogue(&host("host")).unwrap();
    let digits = image.id.trim_start_matches("sha256:");
    for name in [
        "debian",
        "debian:latest",
        "docker.io/library/debian",
        "library/debian:latest",
        &image.id,
        digits,
        &digits[..12],
        &image.id[..20],
    ] {
        assert_eq!(store.image(&host("host"), name).unwrap().id, image.id, "{name}");
    }
}

#[test]
fn what_is_not_there_is_said_in_dockers_words() {
    let dir = Scratch::new();
    let store = store(&dir);
    let zeros = format!("sha256:{}", "0".repeat(64));
    for (name, message) in [
        ("nope", "No such image: nope:latest"),
        ("docker.io/library/nope:1", "No such image: nope:1"),
        ("abcdef", "No such image: abcdef:latest"),
        ("a*", "invalid reference format"),
        (&zeros, &format!("No such image: {zeros}")),
    ] {
        assert_eq!(store.image(&host("host"), name).unwrap_err().message, message);
    }
    assert_eq!(store.image(&host("host"), "nope").unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(store.image(&host("host"), "A B").unwrap_err().kind, ErrorKind::InvalidParameter);
}

#[test]
fn an_ambiguous_beginning_means_nothing() {
    let dir = Scratch::new();
    let store = store(&dir);
    // Of 17 ids two begin with the same digit.
    let images: Vec<Image> = (0..17).map(|i| add(&store, &format!("image-{i}"), i)).collect();
    let first = |image: &Image| image.id["sha256:".len()..][..1].to_owned();
    let shared = images.iter().find(|a| images.iter().filter(|b| first(a) == first(b)).count() > 1).unwrap();
    assert_eq!(store.image(&Owner::Catalogue, &first(shared)).unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn a_host_has_what_it_adopted_and_nothing_else() {
    let dir = Scratch::new();
    let store = store(&dir);
    add(&store, "old", 1);
    add(&store, "new", 2);
    store.adopt_catalogue(&host("a")).unwrap();
    add(&store, "later", 3);
    let names =
        |owner: &Owner| -> Vec<String> { store.images(owner).unwrap().into_iter().flat_map(|i| i.repo_tags).collect() };
    assert_eq!(names(&host("a")), ["new:latest", "old:latest"]);
    assert_eq!(names(&host("b")), Vec::<String>::new());
    assert_eq!(names(&Owner::Catalogue), ["later:latest", "new:latest", "old:latest"]);
    let id = store.image(&host("a"), "old").unwrap().id;
    assert_eq!(store.image(&host("b"), &id).unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(store.image_by_id(&host("b"), &id).unwrap().repo_tags, Vec::<String>::new());
}

#[test]
fn adopting_again_keeps_what_the_host_has() {
    let dir = Scratch::new();
    let store = store(&dir);
    let first = add(&store, "a", 1);
    store.adopt_catalogue(&host("host")).unwrap();
    add(&store, "a", 2);
    add(&store, "b", 3);
    store.adopt_catalogue(&host("host")).unwrap();
    assert_eq!(store.image(&host("host"), "a").unwrap().id, first.id);
    assert!(store.image(&host("host"), "b").is_ok());
}

#[test]
fn versions_of_what_was_built_here_are_not_adopted() {
    let dir = Scratch::new();
    let store = store(&dir);
    let add = |names: &[&str], label: &str| {
        let names = names.iter().map(|name| Reference::parse(name).unwrap()).collect();
        let labels = Some([(label.to_owned(), "1".to_owned())].into());
        let config = crate::store::Defaults { labels, ..Default::default() };
        store.import(Tar::new().bytes().as_slice(), NewImage { names, config, ..NewImage::default() }).unwrap()
    };
    add(&["built", "built:1", "built:1.2", "localhost:5000/built:1"], RECIPE_LABEL);
    add(&["pulled", "pulled:1"], "other");
    store.adopt_catalogue(&host("a")).unwrap();
    let mut names: Vec<String> =
        store.images(&host("a")).unwrap().into_iter().flat_map(|image| image.repo_tags).collect();
    names.sort();
    assert_eq!(names, ["built:latest", "localhost:5000/built:1", "pulled:1", "pulled:latest"]);
    assert_eq!(store.image(&Owner::Catalogue, "built:1.2").unwrap().repo_tags.len(), 4);
}

#[test]
fn what_a_host_removed_is_not_given_to_it_again() {
    let dir = Scratch::new();
    let store = store(&dir);
    for (name, created) in [("a", 1), ("lernhafen/workstation", 2)] {
        add(&store, name, created);
    }
    store.adopt_catalogue(&host("host")).unwrap();
    let remove = |name: &str| store.remove(&host("host"), name, RemoveOptions::default(), &[]);
    // Not seen, not removed: what learners look out of is no image of theirs, whatever they call it.
    let own = store.image(&Owner::Catalogue, "lernhafen/workstation").unwrap();
    for name in ["lernhafen/workstation", &own.id] {
        assert_eq!(remove(name).unwrap_err().kind, ErrorKind::NotFound);
    }
    remove("a").unwrap();
    add(&store, "b", 3);
    store.adopt_catalogue(&host("host")).unwrap();
    let names: Vec<String> =
        store.images(&host("host")).unwrap().into_iter().flat_map(|image| image.repo_tags).collect();
    assert_eq!(names, ["b:latest"]);
    assert!(store.image(&Owner::Catalogue, "a").is_ok());
}

#[test]
fn an_image_descends_from_what_it_was_made_of() {
    let dir = Scratch::new();
    let store = store(&dir);
    let (base, other) = (add(&store, "base", 1), add(&store, "other", 2));
    let made = |author: &str, parent: &Image| {
        let config = ImageConfig { author: author.into(), ..base.config.clone() };
        let names = crate::store::Names { parent: Some(&parent.id), ..Default::default() };
        store.register(&Owner::Catalogue, &config.to_bytes().unwrap(), &names).unwrap()
    };
    let child = made("child", &base);
    let grandchild = made("grandchild", &child);
    let descends = |image: &Image, name: &str| store.descends(&Owner::Catalogue, &image.id, name).unwrap();
    assert!(descends(&grandchild, "base") && descends(&grandchild, &child.id) && descends(&base, "base"));
    assert!(!descends(&base, &child.id) && !descends(&grandchild, "other") && !descends(&other, "nothere"));
    assert_eq!(store.parents(&Owner::Catalogue).unwrap(), [base.id, child.id].into());
}
