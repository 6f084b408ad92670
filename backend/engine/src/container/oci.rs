//! From a container's record to an OCI runtime spec: what Docker would write into `config.json`.

use super::rootfs::Rootfs;
use super::user::{self, User};
use super::{Container, files};
use crate::host::ExecSpec;
use crate::{Error, Result};
use oci_spec::OciSpecError;
use oci_spec::runtime::{
    BoxBuilder, LinuxBuilder, LinuxCapabilities, LinuxCapabilitiesBuilder, LinuxCpuBuilder, LinuxMemoryBuilder,
    LinuxPidsBuilder, LinuxResources, LinuxResourcesBuilder, Mount, Process, ProcessBuilder, RootBuilder, Spec,
    SpecBuilder, UserBuilder,
};
use runtime::{defaults, seccomp};
use std::collections::HashSet;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Microseconds in which a container's share of the processors is counted; Docker's and the kernel's default.
const CPU_PERIOD: u64 = 100_000;

/// Bytes of `/dev/shm`; Docker's default.
pub const SHM_SIZE: u64 = 64 << 20;

/// Where programs are searched if neither the image nor the user says so; Docker's.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The whole spec of a container.
pub(crate) fn spec(container: &Container, dir: &Path, rootfs: &Rootfs) -> Result<Spec> {
    let process = process(container, rootfs)?;
    let mut mounts = defaults::mounts(SHM_SIZE);
    mounts.extend(own_files(dir));
    build(process, &container.hostname, &container.spec.domainname, mounts, resources(container)?)
        .map(|mut spec| {
            if let Some(root) = spec.root_mut() {
                root.set_readonly(Some(container.spec.read_only));
            }
            spec
        })
        .map_err(|error| cannot_build(&container.id, &error))
}

/// The spec of a virtual host's first process and of the shells that join it.
pub(crate) fn workstation_spec(hostname: &str, dir: Option<&Path>) -> Result<Spec> {
    let build_it = || -> Result<Spec, OciSpecError> {
        let mut mounts = defaults::mounts(SHM_SIZE);
        mounts.push(defaults::mount("/run", "tmpfs", "tmpfs", &["nosuid", "nodev", "mode=755", "size=65536k"]));
        if let Some(dir) = dir {
            mounts.extend(own_files(dir));
        }
        let env = [PATH, "HOME=/root", "TERM=xterm-256color", "LANG=de_DE.UTF-8", "SHELL=/bin/bash", "USER=root"];
        let process = ProcessBuilder::default()
            .terminal(true)
            .user(UserBuilder::default().uid(0u32).gid(0u32).build()?)
            .args(["/bin/bash", "--login"].map(str::to_owned))
            .env(env.map(str::to_owned))
            .cwd("/root")
            .capabilities(capabilities()?)
            .no_new_privileges(false)
            .rlimits(Vec::new())
            .build()?;
        build(process, hostname, "", mounts, LinuxResources::default())
    };
    build_it().map_err(|error| cannot_build("of the workstation", &error))
}

/// The process of an exec: the container's own, but for what was asked for.
pub(crate) fn exec_process(container: &Container, exec: &ExecSpec, rootfs: &Rootfs) -> Result<Process> {
    let mut asked = container.clone();
    asked.argv.clone_from(&exec.cmd);
    asked.env.extend(exec.env.iter().cloned());
    asked.spec.tty = exec.tty;
    asked.spec.console_size = exec.console_size;
    if !exec.user.is_empty() {
        asked.user.clone_from(&exec.user);
    }
    if !exec.working_dir.is_empty() {
        asked.working_dir.clone_from(&exec.working_dir);
    }
    process(&asked, rootfs)
}

/// Writes `config.json` into a bundle's directory.
pub(crate) fn write_bundle(bundle: &Path, spec: &Spec) -> Result<()> {
    let write = || -> std::io::Result<()> {
        DirBuilder::new().mode(0o700).recursive(true).create(bundle)?;
        std::fs::write(bundle.join("config.json"), serde_json::to_vec(spec)?)
    };
    write().map_err(|error| Error::system(format!("cannot write the bundle {}: {error}", bundle.display())))
}

/// A bundle is worth nothing once its process has ended; one that is left is swept at the next start.
pub(crate) fn remove_bundle(bundle: &Path) {
    if let Err(error) = std::fs::remove_dir_all(bundle)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(bundle = %bundle.display(), %error, "cannot remove a bundle");
    }
}

fn build(
    process: Process,
    hostname: &str,
    domainname: &str,
    mounts: Vec<Mount>,
    resources: LinuxResources,
) -> Result<Spec, OciSpecError> {
    let linux = LinuxBuilder::default()
        .namespaces(defaults::namespaces())
        .resources(resources)
        .seccomp(seccomp::default_profile(&defaults::CAPABILITIES))
        .masked_paths(defaults::MASKED_PATHS.map(str::to_owned))
        .readonly_paths(defaults::READONLY_PATHS.map(str::to_owned))
        .build()?;
    let mut spec = SpecBuilder::default()
        .version("1.2.0")
        .root(RootBuilder::default().path("rootfs").readonly(false).build()?)
        .process(process)
        .hostname(hostname)
        .mounts(mounts)
        .linux(linux)
        .build()?;
    if !domainname.is_empty() {
        spec.set_domainname(Some(domainname.to_owned()));
    }
    Ok(spec)
}

fn process(container: &Container, rootfs: &Rootfs) -> Result<Process> {
    let user = user::resolve(&container.user, rootfs)?;
    let build = || -> Result<Process, OciSpecError> {
        let cwd = if container.working_dir.is_empty() { "/" } else { &container.working_dir };
        let mut process = ProcessBuilder::default()
            .terminal(container.spec.tty)
            .user(UserBuilder::default().uid(user.uid).gid(user.gid).additional_gids(user.groups.clone()).build()?)
            .args(container.argv.clone())
            .env(environment(container, &user))
            .cwd(cwd)
            .capabilities(capabilities()?)
            .no_new_privileges(false)
            .rlimits(Vec::new())
            .build()?;
        let [rows, cols] = container.spec.console_size;
        if rows > 0 && cols > 0 {
            process
                .set_console_size(Some(BoxBuilder::default().height(u64::from(rows)).width(u64::from(cols)).build()?));
        }
        Ok(process)
    };
    build().map_err(|error| cannot_build(&container.id, &error))
}

/// Docker's own variables first, so that the image's and the user's win.
fn environment(container: &Container, user: &User) -> Vec<String> {
    let mut env = vec![PATH.to_owned(), format!("HOSTNAME={}", container.hostname)];
    if container.spec.tty {
        env.push("TERM=xterm".to_owned());
    }
    env.push(format!("HOME={}", user.home));
    let key = |variable: &str| variable.split('=').next().unwrap_or_default().to_owned();
    for own in &container.env {
        env.retain(|variable| key(variable) != key(own));
        env.push(own.clone());
    }
    env
}

fn resources(container: &Container) -> Result<LinuxResources> {
    let asked = &container.spec.resources;
    let build = || -> Result<LinuxResources, OciSpecError> {
        let mut resources = LinuxResourcesBuilder::default();
        if asked.memory > 0 {
            // As Docker: as much swap again as memory.
            let swap = asked.memory.saturating_mul(2);
            resources = resources.memory(LinuxMemoryBuilder::default().limit(asked.memory).swap(swap).build()?);
        }
        if asked.nano_cpus > 0 {
            let quota = asked.nano_cpus / (1_000_000_000 / CPU_PERIOD as i64);
            resources = resources.cpu(LinuxCpuBuilder::default().period(CPU_PERIOD).quota(quota).build()?);
        }
        if asked.pids_limit > 0 {
            resources = resources.pids(LinuxPidsBuilder::default().limit(asked.pids_limit).build()?);
        }
        resources.build()
    };
    build().map_err(|error| cannot_build(&container.id, &error))
}

/// `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf`: the engine's files, mounted over the image's.
fn own_files(dir: &Path) -> Vec<Mount> {
    files::MOUNTED
        .into_iter()
        .map(|(file, target)| {
            let mut mount = defaults::mount(target, "bind", "", &["rbind", "rprivate"]);
            mount.set_source(Some(dir.join(file)));
            mount
        })
        .collect()
}

/// Docker's default capabilities; none inheritable or ambient (CVE-2022-29162).
fn capabilities() -> Result<LinuxCapabilities, OciSpecError> {
    let set: HashSet<_> = defaults::CAPABILITIES.into_iter().collect();
    LinuxCapabilitiesBuilder::default()
        .bounding(set.clone())
        .effective(set.clone())
        .permitted(set)
        .inheritable(HashSet::new())
        .ambient(HashSet::new())
        .build()
}

fn cannot_build(what: &str, error: &OciSpecError) -> Error {
    Error::system(format!("cannot build the runtime spec {what}: {error}"))
}
