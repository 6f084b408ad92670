#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::{Defaults, NewImage};
use crate::testing::Scratch;
use archive::testing::Tar;
use std::fs;

const SMALLEST: &str = "name = ['small']\nsuite = 'trixie'\nvariant = 'extract'\n";

fn write(dir: &Scratch, recipe: &str) {
    fs::write(dir.path().join("recipe.toml"), recipe).unwrap();
}

/// A recipe of the project's own.
fn own(name: &str) -> Recipe {
    Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../images").join(name)).unwrap()
}

fn load(recipe: &str) -> Result<Recipe> {
    let dir = Scratch::new();
    write(&dir, recipe);
    Recipe::load(dir.path())
}

#[test]
fn the_projects_own_recipes_can_be_read() {
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../images");
    let mut names = Vec::new();
    for entry in fs::read_dir(images).unwrap() {
        let dir = entry.unwrap().path();
        if dir.is_dir() {
            names.push(Recipe::load(&dir).unwrap().name[0].clone());
        }
    }
    names.sort();
    let expected = [
        "busybox:latest",
        "debian:latest",
        "hello-world:latest",
        "httpd:latest",
        "lernhafen/workstation:latest",
        "nginx:latest",
        "node:latest",
        "postgres:latest",
        "python:latest",
        "redis:latest",
        "registry:latest",
    ];
    assert_eq!(names, expected);
}

#[test]
fn what_a_recipe_can_not_say_is_refused_with_its_place() {
    assert_eq!(load(SMALLEST).unwrap().variant, Some(Variant::Extract));
    assert_eq!(load("name = ['small']\nfrom = 'scratch'").unwrap().base().unwrap(), Base::Scratch);
    for (recipe, message) in [
        ("", "missing field"),
        ("name = [", "recipe.toml"),
        ("name = 'small'\nsuite = 'trixie'\nvariant = 'extract'", "sequence"),
        ("name = []\nsuite = 'trixie'\nvariant = 'extract'", "at least one"),
        ("name = ['Small']\nsuite = 'trixie'\nvariant = 'extract'", "lowercase"),
        ("name = ['small']\nsuite = '-x'\nvariant = 'extract'", "`-x`"),
        ("name = ['small']\nsuite = 'trixie'\nvariant = 'huge'", "`huge`"),
        (&format!("{SMALLEST}packages = ['a,b']"), "`a,b`"),
        (&format!("{SMALLEST}colour = 'blue'"), "`colour`"),
        (&format!("{SMALLEST}remove = ['etc']"), "`etc`"),
        (&format!("{SMALLEST}files = '../root'"), "`../root`"),
        (&format!("{SMALLEST}files = 'root'"), "there is no directory"),
        (&format!("{SMALLEST}setup = 'setup'"), "can be run"),
        (&format!("{SMALLEST}prepare = 'setup'"), "nothing to prepare"),
        (&format!("{SMALLEST}from = 'debian'"), "either"),
        (&format!("{SMALLEST}expose = ['80']"), "80/tcp"),
        (&format!("{SMALLEST}volumes = ['data']"), "`data`"),
        (&format!("{SMALLEST}flavours = ['slim']"), "`version`"),
        ("name = ['small']", "either"),
        ("name = ['small']\nfrom = 'Debian'", "lowercase"),
        ("name = ['small']\nfrom = 'scratch'\npackages = ['a']", "no dpkg"),
    ] {
        let error = load(recipe).unwrap_err();
        assert!(error.message.contains(message) && error.message.contains("recipe.toml"), "{recipe}: {error}");
    }
    assert!(Recipe::load(Path::new("/nowhere")).unwrap_err().message.contains("/nowhere/recipe.toml"));
}

#[test]
fn an_image_is_built_until_its_recipe_changes() {
    let dir = Scratch::new();
    write(&dir, &format!("{SMALLEST}files = 'root'"));
    fs::create_dir_all(dir.path().join("root/etc")).unwrap();
    fs::write(dir.path().join("root/etc/motd"), "ahoy").unwrap();
    let recipe = Recipe::load(dir.path()).unwrap();
    let data = Scratch::new();
    let store = Store::open(data.path(), Database::open(data.path()).unwrap()).unwrap();
    assert!(!recipe.is_built(&store).unwrap());

    let label = (RECIPE_LABEL.to_owned(), digest::of(&recipe, None).unwrap());
    let config = Defaults { labels: Some([label].into()), ..Defaults::default() };
    let new = NewImage { names: recipe.references().unwrap(), config, ..NewImage::default() };
    store.import(Tar::new().bytes().as_slice(), new).unwrap();
    assert!(recipe.is_built(&store).unwrap());

    fs::write(dir.path().join("root/etc/motd"), "ahoi").unwrap();
    assert!(!recipe.is_built(&store).unwrap());
}

#[test]
fn busybox_is_built_from_debians_packages() {
    let data = Scratch::new();
    let store = Store::open(data.path(), Database::open(data.path()).unwrap()).unwrap();
    let recipe = own("busybox");
    let mut steps = Vec::new();
    let image = build(&recipe, &store, |step| steps.push(step)).unwrap();
    assert_eq!(steps.last(), Some(&Progress::Done));
    assert!(recipe.is_built(&store).unwrap());

    let root = store.layers(&image).remove(0);
    let said = std::process::Command::new("chroot").arg(&root).args(["sh", "-c", "echo $0 && ls /"]).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert_eq!(
        said.split_whitespace().collect::<Vec<_>>(),
        ["sh", "bin", "dev", "etc", "home", "root", "tmp", "usr", "var"]
    );
    for missing in ["etc/hostname", "etc/resolv.conf", "usr/share", "dev/null"] {
        assert!(root.join(missing).symlink_metadata().is_err(), "{missing}");
    }
    let layers = fs::read_dir(data.path().join("layers")).unwrap();
    assert_eq!(layers.count(), 1);
}

#[test]
fn a_failed_build_says_why_and_leaves_nothing() {
    let data = Scratch::new();
    let store = Store::open(data.path(), Database::open(data.path()).unwrap()).unwrap();
    let dir = Scratch::new();
    write(&dir, &SMALLEST.replace("trixie", "no-such-release"));
    let recipe = Recipe::load(dir.path()).unwrap();
    let error = build(&recipe, &store, |_| {}).unwrap_err();
    assert!(error.message.contains("small") && error.message.contains("E: "), "{error}");
    assert!(store.catalogue().unwrap().is_empty());
    assert_eq!(fs::read_dir(data.path().join("layers")).unwrap().count(), 0);
}
