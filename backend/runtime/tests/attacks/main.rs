//! What containers can be attacked with, tried from inside one: each must fail.
//!
//! The attacker is this program itself, put into the container's image with the libraries that it is linked to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod calls;
mod files;
#[path = "../support/mod.rs"]
mod support;

use oci_spec::runtime::Spec;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use support::{Keeper, as_keeper, spec};

/// Set in the program that attacks.
const INSIDE: &str = "LERNHAFEN_TEST_INSIDE";

/// What an attack came to: nothing, because of an error; or something.
type Attack = (&'static str, fn() -> std::io::Result<i64>);

#[test]
fn no_attack_succeeds() {
    if std::env::var_os(INSIDE).is_some() {
        return report(&[calls::ALL, calls::FLOOR, calls::PRIVILEGED, files::ALL, files::PRIVILEGED].concat());
    }
    as_keeper("attacks", |keeper| attack(keeper, spec::container(&attacker("no_attack_succeeds"))));
}

/// With all capabilities, no filter and nothing masked: root of the virtual host, and of nothing else.
#[test]
fn no_attack_on_the_machine_succeeds_with_all_privileges() {
    if std::env::var_os(INSIDE).is_some() {
        return report(&[calls::FLOOR, calls::PRIVILEGED, files::PRIVILEGED].concat());
    }
    as_keeper("privileged", |keeper| {
        let mut spec = spec::container(&attacker("no_attack_on_the_machine_succeeds_with_all_privileges"));
        privilege(&mut spec);
        attack(keeper, spec);
    });
}

fn attacker(test: &'static str) -> [&'static str; 5] {
    ["/attacker", "--exact", test, "--test-threads=1", "--nocapture"]
}

fn attack(keeper: &mut Keeper, mut spec: Spec) {
    install_attacker(&keeper.image.layer());
    let process = spec.process_mut().as_mut().unwrap();
    let mut env = process.env().clone().unwrap();
    env.push(format!("{INSIDE}=1"));
    process.set_env(Some(env));
    let output = keeper.run(&spec).unwrap();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains(" attacks failed, 0 succeeded"), "{}{}", output.stdout, output.stderr);
}

/// Tries all, and says what each came to.
fn report(attacks: &[Attack]) {
    let (mut failed, mut succeeded) = (0, Vec::new());
    for (name, attack) in attacks {
        match attack() {
            Err(error) => {
                failed += 1;
                println!("{name}: {error}");
            }
            Ok(value) => succeeded.push(format!("{name}: {value}")),
        }
    }
    println!("{failed} attacks failed, {} succeeded: {succeeded:?}", succeeded.len());
}

/// All capabilities, no filter, nothing masked or read-only.
fn privilege(spec: &mut Spec) {
    let linux = spec.linux_mut().as_mut().unwrap();
    linux.set_seccomp(None);
    linux.set_masked_paths(None);
    linux.set_readonly_paths(None);
    let all: HashSet<_> = runtime::defaults::ALL_CAPABILITIES.into_iter().collect();
    let process = spec.process_mut().as_mut().unwrap();
    let mut sets = process.capabilities().clone().unwrap();
    sets.set_bounding(Some(all.clone())).set_permitted(Some(all.clone())).set_effective(Some(all));
    process.set_capabilities(Some(sets));
}

/// Copies this program and what it is linked to into the image.
fn install_attacker(layer: &Path) {
    fs::copy(std::env::current_exe().unwrap(), layer.join("attacker")).unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let libraries: BTreeSet<&str> =
        maps.lines().filter_map(|line| line.split_whitespace().nth(5)).filter(|path| path.contains(".so")).collect();
    for library in libraries {
        copy_to(library, &layer.join(library.trim_start_matches('/')));
    }
    // The program names its loader by a link to where it is mapped from.
    for loader in ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"] {
        if Path::new(loader).exists() {
            copy_to(loader, &layer.join(loader.trim_start_matches('/')));
        }
    }
}

fn copy_to(from: &str, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}
