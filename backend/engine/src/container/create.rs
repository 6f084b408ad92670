//! `docker create`: a record, a directory, no process yet.

use super::entry::Entry;
use super::{Container, ContainerSpec, ContainerState, Status, files, name, record};
use crate::host::{CreatedContainer, VirtualHost};
use crate::image::Image;
use crate::time::now;
use crate::{Error, Result};
use std::sync::Arc;

impl VirtualHost {
    /// Makes a container from an image. Errors: no such image, a name in use or not allowed, no command.
    pub async fn create_container(&self, spec: ContainerSpec) -> Result<CreatedContainer> {
        if let Some(name) = &spec.name {
            name::check(name)?;
        }
        let image = self.store.image(&self.id, &spec.image)?;
        let container = self.new_container(spec, &image)?;
        let id = container.id.clone();
        files::make(&self.container_dir(&id), self.record.id_base, &container)?;
        if let Err(error) = self.register(container) {
            files::discard(&self.container_dir(&id), &self.trash_dir());
            return Err(error);
        }
        self.container_event(&id, "create");
        Ok(CreatedContainer { id, warnings: Vec::new() })
    }

    fn new_container(&self, spec: ContainerSpec, image: &Image) -> Result<Container> {
        let defaults = image.config.config().clone().unwrap_or_default();
        let id = name::id()?;
        let argv = argv(&spec, defaults.entrypoint().as_deref(), defaults.cmd().as_deref());
        if argv.is_empty() {
            return Err(Error::invalid("no command specified"));
        }
        let or_image = |own: &str, image: &Option<String>| {
            if own.is_empty() { image.clone().unwrap_or_default() } else { own.to_owned() }
        };
        Ok(Container {
            name: String::new(),
            image_id: image.id.clone(),
            argv,
            env: merge_env(defaults.env().as_deref().unwrap_or_default(), &spec.env),
            working_dir: or_image(&spec.working_dir, defaults.working_dir()),
            user: or_image(&spec.user, defaults.user()),
            hostname: if spec.hostname.is_empty() { id[..12].to_owned() } else { spec.hostname.clone() },
            created: now(),
            state: ContainerState {
                status: Status::Created,
                pid: 0,
                exit_code: 0,
                oom_killed: false,
                error: String::new(),
                started_at: 0,
                finished_at: 0,
            },
            network: None,
            id,
            spec,
        })
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
        record::save(&self.db, &self.id, &container)?;
        containers.insert(container.id.clone(), Arc::new(Entry::new(container)));
        Ok(())
    }
}

fn name_in_use(name: &str, id: &str) -> Error {
    Error::conflict(format!(
        "Conflict. The container name \"/{name}\" is already in use by container \"{id}\". \
         You have to remove (or rename) that container to be able to reuse that name."
    ))
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

/// The container's variables over the image's; a bare `NAME` takes the image's away.
fn merge_env(image: &[String], own: &[String]) -> Vec<String> {
    let key = |variable: &str| variable.split('=').next().unwrap_or_default().to_owned();
    let mut merged: Vec<String> =
        image.iter().filter(|old| !own.iter().any(|new| key(new) == key(old))).cloned().collect();
    merged.extend(own.iter().filter(|variable| variable.contains('=')).cloned());
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
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

    #[test]
    fn own_variables_win_and_bare_names_remove() {
        let merged = merge_env(&strings(&["A=1", "B=2", "C=3"]), &strings(&["B=9", "C", "D=4"]));
        assert_eq!(merged, ["A=1", "B=9", "D=4"]);
    }
}
