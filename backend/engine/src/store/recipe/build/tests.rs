#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::Owner;
use crate::store::{Empty, Reference};
use crate::testing::Scratch;
use archive::testing::Tar;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::PathBuf;

struct Bench {
    data: Scratch,
    recipe: Scratch,
    store: Store,
}

/// A store with a base image of two files, and a recipe in the making.
fn bench() -> Bench {
    let (data, recipe) = (Scratch::new(), Scratch::new());
    let store = Store::open(data.path(), Database::open(data.path()).unwrap()).unwrap();
    let bench = Bench { data, recipe, store };
    bench.base("old");
    bench
}

impl Bench {
    fn base(&self, content: &str) -> Image {
        let mut tar = Tar::new();
        for directory in ["etc", "proc", "tmp", "var", "var/log"] {
            tar = tar.directory(directory, |_| {});
        }
        let tar = tar.file("etc/old", content.as_bytes(), |_| {}).file("etc/gone", b"1", |_| {}).bytes();
        let config = Defaults {
            env: Some(vec!["PATH=/bin".to_owned(), "LANG=C".to_owned()]),
            cmd: Some(vec!["sh".to_owned()]),
            ..Defaults::default()
        };
        let names = vec![Reference::parse("base").unwrap()];
        let created = crate::time::now();
        self.store.import(tar.as_slice(), NewImage { names, config, created, ..NewImage::default() }).unwrap()
    }

    fn recipe(&self, more: &str, setup: &str) -> Recipe {
        let dir = self.recipe.path();
        fs::write(dir.join("recipe.toml"), format!("name = ['upper']\nsetup = 'setup'\n{more}")).unwrap();
        fs::write(dir.join("setup"), format!("#!/bin/sh\nset -eu\ncd \"$1\"\n{setup}")).unwrap();
        fs::set_permissions(dir.join("setup"), PermissionsExt::from_mode(0o755)).unwrap();
        Recipe::load(dir).unwrap()
    }

    fn build(&self, recipe: &Recipe) -> Result<Image> {
        build(recipe, &self.store, |_| {})
    }

    /// What an image has beyond its base.
    fn layer(&self, image: &Image) -> PathBuf {
        self.store.layers(image).remove(0)
    }

    /// What the store's directory has that isn't a layer of an image.
    fn leftovers(&self) -> Vec<String> {
        let entries = fs::read_dir(self.data.path().join("layers")).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| name.len() != 64).collect()
    }
}

#[test]
fn an_image_on_top_of_another_has_only_what_is_new() {
    let bench = bench();
    fs::create_dir_all(bench.recipe.path().join("root/srv")).unwrap();
    fs::write(bench.recipe.path().join("root/srv/page"), "ahoy").unwrap();
    let recipe = bench.recipe(
        "from = 'base'\nfiles = 'root'\nremove = ['/var/l*/junk*', '/etc/escape/*']\nenv = ['LANG=de', 'A=1']\nexpose = ['80/tcp']\n
         volumes = ['/data']\nentrypoint = ['/entry']\nstop_signal = 'SIGQUIT'\nuser = 'me'\nworking_dir = '/srv'",
        "test ! -e proc/1/root/etc/old || test -e proc/self/stat\n\
         rm etc/gone; echo new >etc/new; echo 1 >var/log/junk1; mkdir var/junk; echo 1 >tmp/left; echo key >etc/machine-id\n\
         ln -s \"$PWD/etc/kept\" etc/escape; mkdir etc/kept; echo 1 >etc/kept/file",
    );
    let image = bench.build(&recipe).unwrap();

    let base = bench.store.image(&Owner::Catalogue, "base").unwrap();
    assert_eq!(image.config.rootfs.diff_ids[0], base.config.rootfs.diff_ids[0]);
    assert_eq!((image.config.rootfs.diff_ids.len(), image.config.history.len()), (2, 2));
    let layer = bench.layer(&image);
    assert_eq!(fs::read_to_string(layer.join("etc/new")).unwrap(), "new\n");
    assert_eq!(fs::read_to_string(layer.join("srv/page")).unwrap(), "ahoy");
    assert!(layer.join("etc/gone").symlink_metadata().unwrap().file_type().is_char_device(), "a whiteout");
    for missing in ["etc/old", "var/log/junk1", "tmp", "proc", "etc/machine-id", "dev"] {
        assert!(layer.join(missing).symlink_metadata().is_err(), "{missing}");
    }
    assert!(layer.join("etc/kept/file").exists(), "a link leads nowhere");
    assert!(layer.join("var/junk").exists(), "a star stands for no slash");
    assert_eq!(layer.join("etc/new").metadata().unwrap().mtime().to_string(), SOURCE_DATE_EPOCH);

    let config = &image.config.config;
    assert_eq!(config.env.as_ref().unwrap(), &["PATH=/bin", "LANG=de", "A=1"]);
    assert_eq!(
        (config.entrypoint.as_ref().unwrap().len(), &config.cmd),
        (1, &None),
        "the base's command is no argument"
    );
    assert_eq!(config.exposed_ports, [("80/tcp".to_owned(), Empty {})].into());
    assert_eq!(config.volumes, Some([("/data".to_owned(), Empty {})].into()));
    assert_eq!((&*config.user, &*config.working_dir, config.stop_signal.as_deref()), ("me", "/srv", Some("SIGQUIT")));
    let labels = config.labels.as_ref().unwrap();
    assert_eq!(labels["org.opencontainers.image.title"], "upper");
    assert_eq!(labels["org.opencontainers.image.base.name"], "base");
    assert_eq!(bench.leftovers(), Vec::<String>::new());
}

#[test]
fn the_same_recipe_gives_the_same_layer_and_replaces_its_image() {
    let bench = bench();
    let recipe =
        bench.recipe("from = 'base'", "mkdir a; date >/dev/null; echo 1 >a/b; ln a/b a/c; ln -s b a/d; rm -r var");
    let first = bench.build(&recipe).unwrap();
    let second = bench.build(&recipe).unwrap();
    assert_ne!(first.id, second.id, "made at another time");
    assert_eq!(first.config.rootfs, second.config.rootfs);
    let images = bench.store.catalogue().unwrap();
    let mut names: Vec<_> = images.iter().map(|image| image.repo_tags.join(" ")).collect();
    names.sort();
    assert_eq!(names, ["base:latest", "upper:latest"]);
}

#[test]
fn a_new_base_makes_an_image_old() {
    let bench = bench();
    let recipe = bench.recipe("from = 'base'", "touch a");
    assert!(!recipe.is_built(&bench.store).unwrap());
    bench.build(&recipe).unwrap();
    assert!(recipe.is_built(&bench.store).unwrap());
    bench.base("old");
    assert!(recipe.is_built(&bench.store).unwrap(), "the same base");
    let base = bench.base("new");
    assert!(!recipe.is_built(&bench.store).unwrap());
    let image = bench.build(&recipe).unwrap();
    assert_eq!(image.config.rootfs.diff_ids[0], base.config.rootfs.diff_ids[0]);
    assert!(recipe.is_built(&bench.store).unwrap());
}

#[test]
fn what_came_from_elsewhere_under_the_same_name_is_left_alone() {
    let bench = bench();
    let recipe = bench.recipe("from = 'scratch'", "touch a");
    let names = vec![Reference::parse("upper").unwrap(), Reference::parse("upper:9").unwrap()];
    let pulled = bench.store.import(Tar::new().bytes().as_slice(), NewImage { names, ..NewImage::default() }).unwrap();
    assert!(recipe.is_built(&bench.store).unwrap());
    // Unless somebody says so.
    let image = bench.build(&recipe).unwrap();
    assert_eq!(bench.store.image(&Owner::Catalogue, "upper").unwrap().id, image.id);
    assert_eq!(bench.store.image(&Owner::Catalogue, "upper:9").unwrap().id, pulled.id);
}

#[test]
fn a_layer_that_fails_says_why_and_leaves_nothing() {
    let bench = bench();
    let recipe = bench.recipe("from = 'base'", "echo 'the mast is broken' >&2; exit 3");
    let error = bench.build(&recipe).unwrap_err();
    assert!(error.message.contains("upper") && error.message.contains("the mast is broken"), "{error}");
    let error = bench.build(&bench.recipe("from = 'nowhere'", "")).unwrap_err();
    assert!(error.message.contains("No such image: nowhere:latest"), "{error}");
    assert!(bench.store.image(&Owner::Catalogue, "upper").is_err());
    assert_eq!(bench.leftovers(), Vec::<String>::new());
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    assert!(!mounts.contains(&*bench.data.path().to_string_lossy()), "{mounts}");
}
