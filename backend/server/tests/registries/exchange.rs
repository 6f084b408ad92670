//! Images on their way from one host to another.

use crate::common::Engine;
use crate::registry::Registry;

const NAME: &str = "localhost:5000/deep/made";

#[test]
fn an_image_arrives_as_it_was_sent() {
    let (one, two) = (Engine::start(), Engine::start());
    let registry = Registry::start(&one.dir);
    let _ways = (registry.at(one.inside(), 5000), registry.at(two.inside(), 5000));
    let tag = |tag: &str| format!("{NAME}:{tag}");
    make(&one, "busybox", &tag("1"));
    make(&one, &tag("1"), &tag("2"));
    let pushed = one.docker(&["push", &tag("2")]).ok();
    assert_eq!(pushed.matches(": Pushed\n").count(), 3, "{pushed}");
    let pushed = one.docker(&["push", "--all-tags", NAME]).ok();
    assert_eq!(pushed.matches(": Layer already exists\n").count(), 2 + 3, "{pushed}");

    let pulled = two.docker(&["pull", &tag("2")]).ok();
    assert_eq!(pulled.matches(": Already exists\n").count(), 1, "busybox's: {pulled}");
    assert_eq!(pulled.matches(": Pull complete\n").count(), 2, "{pulled}");
    assert!(pulled.contains(&format!("Status: Downloaded newer image for {}\n", tag("2"))), "{pulled}");
    assert_eq!(registry.count("GET /v2/deep/made/blobs/"), 3, "two layers and the configuration");
    let facts = "{{.Id}} {{.RepoTags}} {{.RepoDigests}} {{.Created}} {{.Comment}} {{.Author}} {{.Os}}/{{.Architecture}} {{.Size}} {{json .Config}} {{json .RootFS}}";
    let inspect = |engine: &Engine| engine.docker(&["image", "inspect", "-f", facts, &tag("2")]).ok();
    assert_eq!(inspect(&one), inspect(&two));
    assert_eq!(two.docker(&["run", "--rm", &tag("2"), "cat", "/made"]).ok(), "busybox\nlocalhost:5000/deep/made:1");

    let up_to_date = |name: &str| {
        let pulled = two.docker(&["pull", name]).ok();
        assert!(pulled.contains(&format!("Status: Image is up to date for {name}\n")), "{pulled}");
    };
    up_to_date(&tag("2"));
    let digest = two.docker(&["image", "inspect", "-f", "{{index .RepoDigests 0}}", &tag("2")]).ok();
    up_to_date(&digest);
    let all = two.docker(&["pull", "-a", NAME]).ok();
    assert!(all.contains(&format!("Status: Downloaded newer image for {NAME}\n")), "{all}");
    assert!(!all.contains("Pull complete"), "all layers are there: {all}");
    assert_eq!(
        registry.count("GET /v2/deep/made/blobs/"),
        3 + 1,
        "the configuration of the other image, and nothing else"
    );
    assert_eq!(tags(&two), [tag("1"), tag("2")]);

    // The tag is given to another image: what had it stays, without it.
    one.docker(&["tag", &tag("1"), &tag("2")]).ok();
    one.docker(&["push", &tag("2")]).ok();
    let pulled = two.docker(&["pull", &tag("2")]).ok();
    assert!(pulled.contains("Status: Downloaded newer image for"), "{pulled}");
    assert_eq!(tags(&two), [tag("1"), tag("2"), format!("{NAME}:<none>")]);
    // By digest, the first is what it was.
    two.docker(&["rmi", &digest]).ok();
    assert_eq!(two.docker(&["run", "--rm", &digest, "tail", "-n1", "/made"]).ok(), tag("1"));
}

/// An image with a layer more than another, which says of which.
fn make(engine: &Engine, from: &str, name: &str) {
    engine.docker(&["run", "--name", "maker", from, "sh", "-c", &format!("echo {from} >> /made")]).ok();
    engine.docker(&["commit", "-m", "made", "maker", name]).ok();
    engine.docker(&["rm", "maker"]).ok();
}

fn tags(engine: &Engine) -> Vec<String> {
    let format = ["images", "--format", "{{.Repository}}:{{.Tag}}", NAME];
    let mut tags: Vec<String> = engine.docker(&format).ok().lines().map(str::to_owned).collect();
    tags.sort();
    tags
}
