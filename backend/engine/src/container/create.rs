//! `docker create`: a record, a directory, no process yet.

use super::entry::Entry;
use super::mounts::Resolved;
use super::{
    Container, ContainerSpec, ContainerState, IpcMode, Mounts, PidMode, RestartName, Restarts, environment, files,
    name, ports, record,
};
use crate::host::VirtualHost;
use crate::id::ContainerId;
use crate::network::{NetworkMode, known_hosts};
use crate::store::Image;
use crate::time::now;
use crate::volume::Begun;
use crate::{Error, Result};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Answer of [`VirtualHost::create_container`].
#[derive(Debug)]
pub struct CreatedContainer {
    pub id: ContainerId,
    pub warnings: Vec<String>,
}

impl VirtualHost {
    /// Makes a container from an image. Goes on to its end even if nobody waits for it: volumes are filled meanwhile, and nothing is
    /// to stay half made.
    ///
    /// # Errors
    /// No such image, a name in use or not allowed, no command, a mount that can't be.
    pub async fn create_container(self: &Arc<Self>, spec: ContainerSpec) -> Result<CreatedContainer> {
        let host = self.clone();
        let made = tokio::spawn(async move { host.create(spec).await });
        made.await.map_err(|error| Error::system(format!("the container's making broke off: {error}")))?
    }

    async fn create(&self, mut spec: ContainerSpec) -> Result<CreatedContainer> {
        if spec.auto_remove && spec.restart_policy.name != RestartName::No {
            return Err(Error::invalid("can't create 'AutoRemove' container with restart policy"));
        }
        if let Some(name) = &mut spec.name {
            *name = name::check(name)?;
        }
        spec.privileges.check()?;
        self.rules().policy.check(&spec.privileges)?;
        spec.healthcheck.check()?;
        spec.surroundings.check()?;
        self.resolve_others(&mut spec)?;
        spec.privileges.note_labels(spec.sharing.pid == PidMode::Host || spec.sharing.ipc == IpcMode::Host);
        spec.resources.complete()?;
        let warnings = self.check_resources(&mut spec.resources)?;
        let image = self.parts.store.image(&self.owner(), &spec.image)?;
        self.check_name_is_free(spec.name.as_deref())?;
        let volumes = image.config.config.volumes.as_ref().filter(|volumes| !volumes.is_empty());
        let has_mounts = volumes.is_some() || spec.mounts != Mounts::default();
        // Nobody removes a volume before the container that has it is written down.
        let _using = if has_mounts { Some(self.kinds.volumes.users.read().await) } else { None };
        let Resolved { points, begun } = self.resolve_mounts(&spec, volumes).await?;
        let container = Container { mounts: points, ..self.new_container(spec, &image)? };
        let id = container.id.clone();
        if let Err(error) = self.make(container, begun).await {
            files::discard(&self.container_dir(&id), &self.trash_dir());
            return Err(error);
        }
        self.container_event(&id, "create");
        Ok(CreatedContainer { id, warnings })
    }

    /// Its directory, and only then what others see of it.
    async fn make(&self, container: Container, begun: Vec<Begun>) -> Result<()> {
        let dir = self.container_dir(&container.id);
        files::make(&dir, self.record.id_base, &container, &known_hosts(self.rules().registry.own.as_deref()))?;
        self.make_working_dir(&container).await?;
        self.fill_volumes(&container, &begun).await?;
        let anonymous: Vec<String> =
            container.volumes().filter(|mount| mount.anonymous && mount.copy).map(|mount| mount.name.clone()).collect();
        for begun in begun {
            self.finish_volume(begun).await?;
        }
        let registered = self.register(container);
        if registered.is_err() {
            // Somebody has taken the name meanwhile. As in Docker, volumes with names stay.
            self.remove_own_volumes(&anonymous).await;
        }
        registered
    }

    /// Before anything is made. It may be taken meanwhile, which [`Self::register`] finds.
    fn check_name_is_free(&self, name: Option<&str>) -> Result<()> {
        let containers = self.read_containers();
        let Some(name) = name else { return Ok(()) };
        match containers.values().find(|entry| entry.record().name == name) {
            Some(entry) => Err(name_in_use(name, &entry.id)),
            None => Ok(()),
        }
    }

    fn new_container(&self, mut spec: ContainerSpec, image: &Image) -> Result<Container> {
        let defaults = &image.config.config;
        if let Some(stop_signal) = &spec.stop_signal {
            crate::signal::parse(stop_signal)?;
        }
        spec.stop_signal = spec.stop_signal.take().or_else(|| defaults.stop_signal.clone());
        if let Some(check) = &defaults.healthcheck {
            spec.healthcheck.complete(check);
        }
        let id = ContainerId::generate()?;
        let argv = argv(&spec, defaults.entrypoint.as_deref(), defaults.cmd.as_deref());
        if argv.is_empty() {
            return Err(Error::invalid("no command specified"));
        }
        // As Docker: whatever asks for a label finds the image's, too.
        for (name, value) in image.config.labels() {
            spec.labels.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let or_image = |own: &str, image: &str| if own.is_empty() { image.to_owned() } else { own.to_owned() };
        Ok(Container {
            name: String::new(),
            image_id: image.id.clone(),
            argv,
            env: environment::merge(defaults.env.as_deref().unwrap_or_default(), &spec.env),
            working_dir: clean(&or_image(&spec.working_dir, &defaults.working_dir)),
            user: or_image(&spec.user, &defaults.user),
            hostname: self.hostname_of(&spec, &id),
            created: now(),
            state: ContainerState::default(),
            network: None,
            restarts: Restarts::default(),
            health: None,
            exposed_ports: ports::exposed(&spec.exposed_ports, defaults.exposed_ports.keys())?,
            mounts: Vec::new(),
            id,
            spec,
        })
    }

    fn hostname_of(&self, spec: &ContainerSpec, id: &ContainerId) -> String {
        match spec.hostname.as_str() {
            "" if spec.network_mode == NetworkMode::Host => self.hostname(),
            "" => id.short().to_owned(),
            name => name.to_owned(),
        }
    }

    /// Gives it its name and writes it down; the name is free afterwards or taken by it, nothing between.
    fn register(&self, mut container: Container) -> Result<()> {
        let mut containers = self.write_containers();
        let holder = |name: &str| containers.values().find(|entry| entry.record().name == name).map(|e| e.id.clone());
        container.name = match &container.spec.name {
            Some(name) => match holder(name) {
                Some(id) => return Err(name_in_use(name, &id)),
                None => name.clone(),
            },
            None => name::generate(|name| holder(name).is_some())?,
        };
        record::create(&self.parts.db, &self.record.id, &container)?;
        containers.insert(
            container.id.clone(),
            Arc::new(Entry::new(self.parts.db.clone(), self.record.id.clone(), container)),
        );
        Ok(())
    }
}

pub(super) fn name_in_use(name: &str, id: &ContainerId) -> Error {
    Error::conflict(format!(
        "Conflict. The container name \"/{name}\" is already in use by container \"{id}\". \
         You have to remove (or rename) that container to be able to reuse that name."
    ))
}

/// A path as Docker keeps it: no `.`, no `..`, no slash too many; empty stays empty.
pub(super) fn clean(path: &str) -> String {
    let mut clean = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => drop(clean.pop()),
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean.to_string_lossy().into_owned()
}

/// Entrypoint and command as Docker joins them: an entrypoint of one's own drops the image's command too.
fn argv(spec: &ContainerSpec, image_entrypoint: Option<&[String]>, image_cmd: Option<&[String]>) -> Vec<String> {
    let own_cmd = spec.cmd.as_deref().filter(|cmd| !cmd.is_empty());
    let (entrypoint, cmd) = match &spec.entrypoint {
        // `--entrypoint ""` arrives as one empty string and means none at all.
        Some(entrypoint) if entrypoint.iter().all(String::is_empty) => (&[][..], own_cmd),
        Some(entrypoint) => (&entrypoint[..], own_cmd),
        None => (image_entrypoint.unwrap_or_default(), own_cmd.or(image_cmd)),
    };
    [entrypoint, cmd.unwrap_or_default()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn working_directories_are_cleaned() {
        for (path, cleaned) in [("", ""), ("/", "/"), ("/a/b/../c/", "/a/c"), ("/usr//./bin", "/usr/bin"), ("/..", "/")]
        {
            assert_eq!(clean(path), cleaned);
        }
    }

    #[test]
    fn entrypoint_and_command_join_as_in_docker() {
        let image = (Some(&strings(&["/entry"])[..]), Some(&strings(&["serve"])[..]));
        let joined = |entrypoint: Option<&[&str]>, cmd: Option<&[&str]>| {
            let spec = ContainerSpec {
                entrypoint: entrypoint.map(strings),
                cmd: cmd.map(strings),
                ..ContainerSpec::default()
            };
            argv(&spec, image.0, image.1)
        };
        assert_eq!(joined(None, None), ["/entry", "serve"]);
        assert_eq!(joined(None, Some(&["sh"])), ["/entry", "sh"]);
        assert_eq!(joined(Some(&["/own"]), None), ["/own"]);
        assert_eq!(joined(Some(&[""]), Some(&["sh"])), ["sh"]);
        assert_eq!(joined(Some(&[]), None), Vec::<String>::new());
    }
}
