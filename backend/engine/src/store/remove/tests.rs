#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::{ImageConfig, Names, RootFs};
use crate::testing::Scratch;
use crate::testing::host;
use archive::Limits;
use archive::testing::Tar;
use std::time::Duration;

const FORCE: RemoveOptions = RemoveOptions { force: true, keep_parents: false };

/// A store, with images of layers that are called by what is in them.
struct Machine {
    store: Store,
    dir: Scratch,
}

impl Machine {
    fn new() -> Self {
        let dir = Scratch::new();
        Self { store: Store::open(dir.path(), Database::open(dir.path()).unwrap()).unwrap(), dir }
    }

    fn layer(&self, content: &str) -> String {
        let tar = Tar::new().file("file", content.as_bytes(), |_| {}).bytes();
        self.store.add_layer(tar.as_slice(), None, Limits::default()).unwrap().diff_id
    }

    /// Names with an `@` are digests, of which the first letter is enough.
    fn image(&self, layers: &[&str], names: &[&str], parent: Option<&Image>) -> Image {
        let config = ImageConfig {
            author: layers.concat(),
            rootfs: RootFs { kind: "layers".into(), diff_ids: layers.iter().map(|name| self.layer(name)).collect() },
            ..ImageConfig::default()
        };
        let parse = |name: &&str| match name.split_once('@') {
            Some((name, digit)) => Reference::parse(&format!("{name}@sha256:{}", digit.repeat(64))).unwrap(),
            None => Reference::parse(name).unwrap(),
        };
        let (digests, tags): (Vec<_>, Vec<_>) = names.iter().map(parse).partition(|name| name.digest().is_some());
        let parent = parent.map(|image| &image.id);
        let names = Names { tags: &tags, digests: &digests, parent, ..Names::default() };
        self.store.register(&host("host"), &config.to_bytes().unwrap(), &names).unwrap()
    }

    fn remove(&self, name: &str, options: RemoveOptions, users: &[User]) -> Result<Vec<String>, String> {
        let removal = self.store.remove(&host("host"), name, options, users).map_err(|error| error.message)?;
        let digit = |name: &str| name.split_once("@sha256:").map(|(name, digits)| format!("{name}@{}", &digits[..1]));
        let line = |removed: &Removed| match removed {
            Removed::Untagged(name) => digit(name).unwrap_or_else(|| name.clone()),
            Removed::Image(id) => format!("image {}", id.short()),
            Removed::Layer { size, .. } => format!("layer of {size}"),
        };
        Ok(removal.records.iter().map(line).collect())
    }

    fn left(&self) -> usize {
        self.store.images(&host("host")).unwrap().len()
    }
}

fn user(image: &Image, running: bool) -> User {
    User { container: ContainerId::new(&"0123456789abcdef".repeat(4)).unwrap(), image: image.id.clone(), running }
}

fn named(image: &Image) -> String {
    format!("image {}", image.id.short())
}

#[test]
fn a_name_goes_and_with_the_last_one_the_image_and_its_own_layers() {
    let machine = Machine::new();
    let base = machine.image(&["1"], &["base"], None);
    let image = machine.image(&["1", "22", "333"], &["a:1", "a:2", "b"], None);
    assert_eq!(machine.remove("a:1", FORCE, &[]).unwrap(), ["a:1"]);
    assert_eq!(machine.remove("a:2", FORCE, &[]).unwrap(), ["a:2"]);
    assert_eq!(
        machine.remove("b", RemoveOptions::default(), &[]).unwrap(),
        ["b:latest", &named(&image), "layer of 3", "layer of 2"]
    );
    assert_eq!(machine.remove("base", FORCE, &[]).unwrap(), ["base:latest", &named(&base), "layer of 1"]);
    assert_eq!(machine.remove("base", FORCE, &[]).unwrap_err(), "No such image: base:latest");
    assert_eq!(machine.left(), 0);
    machine.store.collect_garbage(Duration::ZERO).unwrap();
    assert_eq!(std::fs::read_dir(machine.dir.path().join("layers")).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(machine.dir.path().join("blobs")).unwrap().count(), 0);
}

#[test]
fn digests_go_with_the_last_tag_of_their_repository() {
    let machine = Machine::new();
    let image = machine.image(&["1"], &["a:1", "a:2", "a@0", "b@1", "c@2"], None);
    let first = format!("a:1@sha256:{}", "0".repeat(64));
    assert_eq!(machine.remove("a:1", FORCE, &[]).unwrap(), ["a:1"]);
    assert_eq!(machine.remove("a:2", FORCE, &[]).unwrap(), ["a:2", "a@0"]);
    assert_eq!(machine.remove(&first, FORCE, &[]).unwrap_err(), format!("No such image: {first}"));
    let second = format!("b:idle@sha256:{}", "1".repeat(64));
    assert_eq!(machine.store.remove(&host("host"), &second, FORCE, &[]).unwrap().records, [Removed::Untagged(second)]);
    assert_eq!(machine.remove(&image.repo_digests[2], FORCE, &[]).unwrap(), ["c@2", &named(&image), "layer of 1"]);
}

#[test]
fn by_its_id_an_image_goes_if_its_names_are_of_one_repository() {
    let machine = Machine::new();
    let two = machine.image(&["1"], &["a:1", "b:1"], None);
    let conflict = format!(
        "conflict: unable to delete {} (must be forced) - image is referenced in multiple repositories",
        two.id.short()
    );
    assert_eq!(machine.remove(&two.id, RemoveOptions::default(), &[]), Err(conflict));
    assert_eq!(machine.remove(&two.id, FORCE, &[]).unwrap(), ["a:1", "b:1", &named(&two), "layer of 1"]);
    let one = machine.image(&["2"], &["a:1", "a@0"], None);
    let id = one.id.short();
    assert_eq!(machine.remove(id, RemoveOptions::default(), &[]).unwrap(), ["a:1", "a@0", &named(&one), "layer of 1"]);
}

#[test]
fn containers_stand_in_the_way() {
    let machine = Machine::new();
    let image = machine.image(&["1"], &["a"], None);
    let (id, stopped, running) = (image.id.short(), user(&image, false), user(&image, true));
    let by_name = format!(
        "conflict: unable to remove repository reference \"a\" (must force) - container 0123456789ab is using its referenced image {id}"
    );
    let by_id = |force, kind| {
        format!(
            "conflict: unable to delete {id} ({force} be forced) - image is being used by {kind} container 0123456789ab"
        )
    };
    let soft = RemoveOptions::default();
    for user in [&stopped, &running] {
        assert_eq!(machine.remove("a", soft, std::slice::from_ref(user)), Err(by_name.clone()));
    }
    assert_eq!(machine.remove(id, soft, std::slice::from_ref(&stopped)), Err(by_id("must", "stopped")));
    for options in [soft, FORCE] {
        assert_eq!(machine.remove(id, options, std::slice::from_ref(&running)), Err(by_id("cannot", "running")));
    }
    // What runs keeps its image, without a name; what doesn't keeps only the layers.
    assert_eq!(machine.remove("a", FORCE, std::slice::from_ref(&running)).unwrap(), ["a:latest"]);
    assert_eq!(machine.remove(id, FORCE, &[stopped]).unwrap(), [named(&image)]);
    assert_eq!(machine.left(), 0);
}

#[test]
fn parents_go_along_as_far_as_nothing_needs_them() {
    let machine = Machine::new();
    let base = machine.image(&["1"], &["base"], None);
    let between = machine.image(&["1", "22"], &[], Some(&base));
    let image = machine.image(&["1", "22", "333"], &["a"], Some(&between));
    let child = |image: &Image| {
        format!("conflict: unable to delete {} (cannot be forced) - image has dependent child images", image.id.short())
    };
    assert_eq!(machine.remove(&between.id, FORCE, &[]), Err(child(&between)));
    assert_eq!(
        machine.remove("a", RemoveOptions::default(), &[]).unwrap(),
        ["a:latest", &named(&image), "layer of 3", &named(&between), "layer of 2"]
    );
    let between = machine.image(&["1", "22"], &[], Some(&base));
    let image = machine.image(&["1", "22", "333"], &["a"], Some(&between));
    let keep = RemoveOptions { keep_parents: true, ..RemoveOptions::default() };
    assert_eq!(machine.remove("a", keep, &[]).unwrap(), ["a:latest", &named(&image), "layer of 3"]);
    // With a child the name alone goes.
    assert_eq!(machine.remove("base", FORCE, &[]).unwrap(), ["base:latest"]);
    let used = [user(&base, false)];
    assert_eq!(machine.remove(&between.id, FORCE, &used).unwrap(), [named(&between), "layer of 2".into()]);
    assert_eq!(machine.left(), 1);
}
