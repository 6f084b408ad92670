//! Specs as the engine makes them, from the runtime's defaults.

use oci_spec::runtime::{
    Linux, LinuxBuilder, LinuxCapabilitiesBuilder, Process, ProcessBuilder, RootBuilder, Spec, SpecBuilder, UserBuilder,
};
use runtime::{defaults, seccomp};
use std::collections::HashSet;

pub fn workstation() -> Spec {
    let mut spec = container(&["sh"]);
    spec.set_hostname(Some("workstation".into()));
    let mut mounts = defaults::mounts(64 << 20);
    mounts.push(defaults::mount("/run", "tmpfs", "tmpfs", &["nosuid", "nodev", "mode=755"]));
    spec.set_mounts(Some(mounts));
    spec
}

/// A container as `docker run` makes it.
pub fn container(command: &[&str]) -> Spec {
    SpecBuilder::default()
        .hostname("c0ffee")
        .root(RootBuilder::default().path("rootfs").readonly(false).build().unwrap())
        .mounts(defaults::mounts(64 << 20))
        .process(process(command))
        .linux(linux())
        .build()
        .unwrap()
}

/// The same, from a shell's script.
pub fn shell(script: &str) -> Spec {
    container(&["sh", "-c", script])
}

pub fn terminal(mut spec: Spec) -> Spec {
    spec.process_mut().as_mut().unwrap().set_terminal(Some(true));
    spec
}

pub fn process(command: &[&str]) -> Process {
    let set = || HashSet::from(defaults::CAPABILITIES);
    let capabilities = LinuxCapabilitiesBuilder::default()
        .bounding(set())
        .effective(set())
        .permitted(set())
        .inheritable(HashSet::new())
        .ambient(HashSet::new());
    ProcessBuilder::default()
        .terminal(false)
        .user(UserBuilder::default().uid(0u32).gid(0u32).build().unwrap())
        .args(command.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
        .env(vec!["PATH=/usr/bin:/bin".to_owned(), "TERM=xterm".to_owned()])
        .cwd("/")
        .capabilities(capabilities.build().unwrap())
        .no_new_privileges(false)
        .rlimits(Vec::new())
        .build()
        .unwrap()
}

fn linux() -> Linux {
    LinuxBuilder::default()
        .namespaces(defaults::namespaces())
        .seccomp(seccomp::default_profile(&defaults::CAPABILITIES))
        .masked_paths(defaults::MASKED_PATHS.map(str::to_owned).to_vec())
        .readonly_paths(defaults::READONLY_PATHS.map(str::to_owned).to_vec())
        .build()
        .unwrap()
}
