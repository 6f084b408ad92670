//! From a container's record to an OCI runtime spec: what Docker would write into `config.json`.

use super::resources::{linux_resources, rlimits};
use super::rootfs::Rootfs;
use super::surroundings::tmpfs;
use super::{Container, ExecSpec, IpcMode, MountKind, UtsMode, environment, files, sysctl, user};
use crate::network::NetworkMode;
use crate::volume::MOUNTED;
use crate::{Error, Result};
use oci_spec::OciSpecError;
use oci_spec::runtime::{
    BoxBuilder, Capability, LinuxBuilder, LinuxCapabilities, LinuxCapabilitiesBuilder, LinuxResources, LinuxSeccomp,
    Mount, Process, ProcessBuilder, RootBuilder, Spec, SpecBuilder, UserBuilder,
};
use runtime::{defaults, seccomp};
use std::collections::HashSet;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Bytes of `/dev/shm`; Docker's default.
pub const SHM_SIZE: u64 = 64 << 20;

/// Bytes of a host's name and of its domain's; the kernel's `__NEW_UTS_LEN`.
const LONGEST_NAME: usize = 64;

/// The whole spec of a container.
pub(crate) fn spec(container: &Container, dir: &Path, rootfs: &Rootfs, millicpus: u64) -> Result<Spec> {
    let process = process(container, rootfs)?;
    let (surroundings, sharing) = (&container.spec.surroundings, &container.spec.sharing);
    let mut mounts = surroundings.mounts(sharing.ipc != IpcMode::None)?;
    let own_name = sharing.uts == UtsMode::Private;
    if own_name && container.hostname.len() > LONGEST_NAME {
        return Err(Error::invalid(
            "sethostname: invalid argument: the kernel takes at most 64 bytes as a host's name",
        ));
    }
    if !own_name && !container.spec.domainname.is_empty() {
        return Err(sysctl::not_separate("kernel.domainname"));
    }
    mounts.extend(own_files(dir, container.spec.read_only));
    // What was asked for is in the place of what is there for everybody.
    mounts.retain(|mount| !container.mounts.iter().any(|point| mount.destination() == Path::new(&point.target)));
    for point in container.mounts.iter().filter(|point| point.kind == MountKind::Tmpfs) {
        mounts.push(tmpfs(&point.target, &point.options)?);
    }
    let (devices, sysctls) = (
        surroundings.devices()?,
        sysctl::allowed(
            &surroundings.sysctls,
            sharing.ipc != IpcMode::Host,
            container.spec.network_mode != NetworkMode::Host,
        )?,
    );
    let resources = linux_resources(&container.spec.resources, millicpus)?;
    let privileges = &container.spec.privileges;
    let confinement = Confinement {
        seccomp: privileges.seccomp()?,
        masked_paths: privileges.masked_paths().unwrap_or_default(),
        readonly_paths: privileges.readonly_paths().unwrap_or_default(),
    };
    // As Docker: a longer one is cut off where the kernel's own ends.
    let domainname = container.spec.domainname.get(..LONGEST_NAME).unwrap_or(&container.spec.domainname);
    build(process, &container.hostname, domainname, mounts, resources, confinement)
        .map(|mut spec| {
            if let Some(root) = spec.root_mut() {
                root.set_readonly(Some(container.spec.read_only));
            }
            if !own_name {
                spec.set_hostname(None);
            }
            if let Some(linux) = spec.linux_mut() {
                linux.set_namespaces(Some(sharing.namespaces(&container.spec.network_mode)));
                linux.set_devices(Some(devices)).set_sysctl(Some(sysctls));
            }
            spec.set_annotations(Some(surroundings.annotations.clone().into_iter().collect()));
            spec
        })
        .map_err(|error| cannot_build(&container.id, &error))
}

/// The spec of a virtual host's first process and of the shells that join it. `volumes` is the directory of its volumes. Its files in memory are bounded by a part of the
/// `memory` of its host, in bytes: nobody can be ended to get that back.
pub(crate) fn workstation_spec(
    hostname: &str,
    dir: Option<&Path>,
    volumes: Option<&Path>,
    memory: u64,
) -> Result<Spec> {
    let build_it = || -> Result<Spec, OciSpecError> {
        let mut mounts = defaults::mounts(SHM_SIZE);
        mounts.push(defaults::mount("/run", "tmpfs", "tmpfs", &["nosuid", "nodev", "mode=755", "size=65536k"]));
        let size = format!("size={}", SHM_SIZE.min(memory / 8));
        for mount in &mut mounts {
            let mut options = mount.options().clone().unwrap_or_default();
            for option in options.iter_mut().filter(|option| option.starts_with("size=")) {
                option.clone_from(&size);
            }
            mount.set_options(Some(options));
        }
        if let Some(dir) = dir {
            mounts.extend(own_files(dir, false));
        }
        if let Some(volumes) = volumes {
            let mut mount = defaults::mount(MOUNTED, "bind", "", &["rbind", "rprivate"]);
            mount.set_source(Some(volumes.to_owned()));
            mounts.push(mount);
        }
        let env = [
            environment::PATH,
            "HOME=/root",
            "TERM=xterm-256color",
            "LANG=de_DE.UTF-8",
            "SHELL=/bin/bash",
            "USER=root",
        ];
        let process = ProcessBuilder::default()
            .terminal(true)
            .user(UserBuilder::default().uid(0u32).gid(0u32).build()?)
            .args(["/bin/bash", "--login"].map(str::to_owned))
            .env(env.map(str::to_owned))
            .cwd("/root")
            .capabilities(capability_sets(&defaults::CAPABILITIES)?)
            .no_new_privileges(false)
            .rlimits(Vec::new())
            .build()?;
        let confinement = Confinement {
            seccomp: Some(seccomp::default_profile(&defaults::CAPABILITIES)),
            masked_paths: defaults::MASKED_PATHS.map(str::to_owned).to_vec(),
            readonly_paths: defaults::READONLY_PATHS.map(str::to_owned).to_vec(),
        };
        build(process, hostname, "", mounts, LinuxResources::default(), confinement)
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
    asked.spec.privileges.privileged |= exec.privileged;
    if !exec.user.is_empty() {
        asked.user.clone_from(&exec.user);
    }
    if !exec.working_dir.is_empty() {
        asked.working_dir.clone_from(&exec.working_dir);
    }
    process(&asked, rootfs)
}

/// Puts a program in front of the command, and the mount that it comes by among the others.
pub(crate) fn put_in_front(spec: &mut Spec, arguments: Vec<String>, mount: Mount) {
    if let Some(process) = spec.process_mut() {
        process.set_args(Some(arguments));
    }
    if let Some(mounts) = spec.mounts_mut() {
        mounts.push(mount);
    }
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

/// What of a spec keeps a container's processes from the kernel.
struct Confinement {
    seccomp: Option<LinuxSeccomp>,
    masked_paths: Vec<String>,
    readonly_paths: Vec<String>,
}

fn build(
    process: Process,
    hostname: &str,
    domainname: &str,
    mounts: Vec<Mount>,
    resources: LinuxResources,
    confinement: Confinement,
) -> Result<Spec, OciSpecError> {
    let mut linux = LinuxBuilder::default()
        .namespaces(defaults::namespaces())
        .resources(resources)
        .masked_paths(confinement.masked_paths)
        .readonly_paths(confinement.readonly_paths)
        .build()?;
    linux.set_seccomp(confinement.seccomp);
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
    let privileges = &container.spec.privileges;
    let user = user::resolve(&container.user, &privileges.group_add, rootfs)?;
    let (capabilities, no_new_privileges) = (privileges.capabilities()?, privileges.no_new_privileges()?);
    let rlimits = rlimits(&container.spec.resources)?;
    let build = || -> Result<Process, OciSpecError> {
        let cwd = if container.working_dir.is_empty() { "/" } else { &container.working_dir };
        let mut process = ProcessBuilder::default()
            .terminal(container.spec.tty)
            .user(UserBuilder::default().uid(user.uid).gid(user.gid).additional_gids(user.groups.clone()).build()?)
            .args(container.argv.clone())
            .env(environment::of(container, &user.home))
            .cwd(cwd)
            .capabilities(capability_sets(&capabilities)?)
            .no_new_privileges(no_new_privileges)
            .rlimits(rlimits)
            .build()?;
        if container.spec.resources.oom_score_adj > 0 {
            process.set_oom_score_adj(i32::try_from(container.spec.resources.oom_score_adj).ok());
        }
        let [rows, cols] = container.spec.console_size;
        if rows > 0 && cols > 0 {
            process
                .set_console_size(Some(BoxBuilder::default().height(u64::from(rows)).width(u64::from(cols)).build()?));
        }
        Ok(process)
    };
    build().map_err(|error| cannot_build(&container.id, &error))
}

/// `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf`: the engine's files, mounted over the image's.
pub(crate) fn own_files(dir: &Path, read_only: bool) -> Vec<Mount> {
    let access = if read_only { "ro" } else { "rw" };
    files::MOUNTED
        .into_iter()
        .map(|(file, target)| {
            let mut mount = defaults::mount(target, "bind", "", &["rbind", "rprivate", access]);
            mount.set_source(Some(dir.join(file)));
            mount
        })
        .collect()
}

/// None is inheritable or ambient (CVE-2022-29162).
fn capability_sets(capabilities: &[Capability]) -> Result<LinuxCapabilities, OciSpecError> {
    let set: HashSet<_> = capabilities.iter().copied().collect();
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
