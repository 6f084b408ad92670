//! A container's configuration in an image's terms: what `inspect` shows of it, and what `commit` starts from.

use super::Container;
use crate::store::{Defaults, Empty, Healthcheck, Image};

impl Container {
    /// What was asked for, with what the image adds. Without `image` (it may have been removed) it is what the container itself
    /// knows. As in Docker, the image's `ONBUILD` and `SHELL` aren't the container's.
    pub fn config(&self, image: Option<&Image>) -> Defaults {
        let spec = &self.spec;
        let image = image.map(|image| &image.config.config);
        // An entrypoint of one's own makes the image's command meaningless: Docker drops it.
        let image_cmd = image.and_then(|config| config.cmd.clone()).filter(|_| spec.entrypoint.is_none());
        let mut labels = image.and_then(|config| config.labels.clone()).unwrap_or_default();
        labels.extend(spec.labels.clone());
        let mut volumes = image.and_then(|config| config.volumes.clone()).unwrap_or_default();
        volumes.extend(spec.mounts.anonymous.iter().map(|path| (path.clone(), Empty {})));
        Defaults {
            user: self.user.clone(),
            exposed_ports: self.exposed_ports.iter().map(|port| (port.clone(), Empty {})).collect(),
            env: Some(self.env.clone()),
            entrypoint: match &spec.entrypoint {
                Some(words) => Some(words.clone()).filter(|words| !words.is_empty()),
                None => image.and_then(|config| config.entrypoint.clone()),
            },
            cmd: spec.cmd.clone().or(image_cmd),
            healthcheck: Some(spec.healthcheck.clone()).filter(|check| *check != Healthcheck::default()),
            volumes: Some(volumes).filter(|volumes| !volumes.is_empty()),
            working_dir: self.working_dir.clone(),
            labels: Some(labels),
            stop_signal: spec.stop_signal.clone(),
            stop_timeout: spec.stop_timeout,
            on_build: None,
            shell: None,
            args_escaped: false,
        }
    }
}
