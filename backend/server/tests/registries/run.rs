//! `docker run` and `docker create` of what is not there.

use crate::common::Engine;
use crate::registry::Registry;

#[test]
fn an_image_that_is_missing_is_pulled_as_asked() {
    let engine = Engine::start();
    let registry = Registry::start(&engine.dir);
    let way = registry.at(engine.inside(), 5000);
    let name = "localhost:5000/made";
    engine.docker(&["tag", "busybox", name]).ok();
    engine.docker(&["push", name]).ok();
    let forget = || engine.docker(&["rmi", name]).ok();
    forget();

    let ran = engine.docker(&["run", "--rm", name, "echo", "here"]);
    assert!(
        ran.err.starts_with("Unable to find image 'localhost:5000/made:latest' locally\nlatest: Pulling from made\n"),
        "{ran:?}"
    );
    assert_eq!(ran.ok(), "here");
    let asked = registry.count("GET /v2/made/manifests/");
    engine.docker(&["run", "--rm", "--pull", "missing", name, "true"]).ok();
    assert_eq!(registry.count("GET /v2/made/manifests/"), asked, "it is there");
    let ran = engine.docker(&["run", "--rm", "--pull", "always", name, "echo", "here"]);
    assert!(ran.err.contains("Status: Image is up to date for localhost:5000/made:latest"), "{ran:?}");
    forget();
    engine.docker(&["run", "--pull", "never", name]).fails_with(125, "No such image: localhost:5000/made:latest");
    // An image that is for one platform only comes whatever is asked for, and it is said.
    let pulled = engine.docker(&["pull", "--platform", "linux/riscv64", name]).ok();
    let warning = "WARNING: image with reference localhost:5000/made:latest was found but its platform (linux/amd64) does \
                   not match the specified platform (linux/riscv64)";
    assert!(pulled.contains(warning), "{pulled}");
    forget();
    drop(way);
    engine.docker(&["run", name]).fails_with(125, "connect: connection refused");
}
