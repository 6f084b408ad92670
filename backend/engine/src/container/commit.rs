//! `docker commit`: what a container has written becomes a layer on its image's.

use super::Container;
use super::entry::Entry;
use crate::blocking::blocking;
use crate::host::VirtualHost;
use crate::id::ImageId;
use crate::store::{Defaults, History, Image, ImageConfig, MOST_LAYERS, Names, Pack, Reference, Store, TakenIn};
use crate::time::now;
use crate::{Error, Result, dockerfile};
use archive::Limits;
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::path::Path;
use std::sync::Arc;

/// What a commit is to be.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// What the image is to be called.
    pub name: Option<Reference>,
    pub comment: String,
    pub author: String,
    /// Holds a running container meanwhile.
    pub pause: bool,
    /// Instructions of a Dockerfile that change the configuration.
    pub changes: Vec<String>,
    /// To start from instead of the container's, whose it is completed with.
    pub config: Option<Defaults>,
}

impl VirtualHost {
    /// Makes an image of a container; answers its id. Goes on to its end even if nobody waits for it: the container is let go on in
    /// any case.
    ///
    /// # Errors
    /// There is no such container, or it goes meanwhile; a change is none; there is no space left.
    pub async fn commit_container(self: &Arc<Self>, name: &str, commit: Commit) -> Result<ImageId> {
        let entry = self.entry(name)?;
        let host = self.clone();
        let done = tokio::spawn(async move { host.commit(&entry, commit).await });
        done.await.map_err(|error| Error::system(format!("the commit broke off: {error}")))?
    }

    async fn commit(&self, entry: &Arc<Entry>, commit: Commit) -> Result<ImageId> {
        let _one_of_few = self.kinds.images.commit().await?;
        // One that doesn't run stays so, and stays. One that runs may go at any time.
        let turn = entry.turn.clone().lock_owned().await;
        let _turn = (!entry.is_running()).then_some(turn);
        let held = commit.pause && self.hold(entry).await?;
        let committed = self.commit_files(entry, &commit).await;
        if held {
            self.let_go(entry).await;
        }
        let image = committed?;
        self.image_event(&image, "create", &image.id);
        let reference = commit.name.map(|name| name.to_string()).unwrap_or_default();
        if !reference.is_empty() {
            self.image_event(&image, "tag", &reference);
        }
        let attributes = [("comment", commit.comment), ("imageID", image.id.to_string()), ("imageRef", reference)];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
        self.container_event_with(&entry.id, "commit", attributes);
        Ok(image.id)
    }

    async fn commit_files(&self, entry: &Entry, commit: &Commit) -> Result<Image> {
        let container = entry.record();
        let parent = self.parts.store.image_by_id(&self.owner(), &container.image_id)?;
        if parent.config.rootfs.diff_ids.len() >= MOST_LAYERS {
            return Err(Error::invalid("max depth exceeded"));
        }
        let own = container.config(Some(&parent));
        let mut config = commit.config.clone().unwrap_or_else(|| own.clone());
        dockerfile::apply(&mut config, &commit.changes)?;
        complete(&mut config, &own);

        let upper = self.container_dir(&container.id).join("upper");
        let (store, limits, id_base) = (self.parts.store.clone(), self.layer_limits()?, self.record.id_base);
        let taken = blocking("the commit", move || pack(&store, &upper, id_base, limits)).await?;

        let document = document(&parent, &container, commit, config, taken.as_ref())?;
        let names = Names { tags: commit.name.as_slice(), by_hand: true, parent: Some(&parent.id), ..Names::default() };
        let registered =
            document.to_bytes().and_then(|document| self.parts.store.register(&self.owner(), &document, &names));
        if registered.is_err() {
            self.parts.store.forget(taken.as_ref().and_then(TakenIn::if_new));
        }
        registered
    }
}

/// `None` if the container has written nothing: Docker makes no layer of that.
fn pack(store: &Store, upper: &Path, id_base: u32, limits: Limits) -> Result<Option<TakenIn>> {
    let cannot = |error: std::io::Error| Error::system(format!("cannot read what the container has written: {error}"));
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = openat(CWD, upper, flags, Mode::empty()).map_err(|error| cannot(error.into()))?;
    let pack = Pack::new(&directory, id_base).map_err(|error| error.downcast().unwrap_or_else(cannot))?;
    if pack.is_empty() {
        return Ok(None);
    }
    let taken = store.take_in_pack(pack, limits)?;
    // What is being removed was moved away first; it may have been half deleted when it was read.
    if !upper.exists() {
        store.forget(taken.if_new());
        return Err(Error::conflict("the container was removed while it was being committed"));
    }
    Ok(Some(taken))
}

fn document(
    parent: &Image,
    container: &Container,
    commit: &Commit,
    config: Defaults,
    taken: Option<&TakenIn>,
) -> Result<ImageConfig> {
    let created = jiff::Timestamp::from_nanosecond(now().into())
        .map_err(|error| Error::system(format!("The machine's time is none: {error}")))?
        .to_string();
    let mut rootfs = parent.config.rootfs.clone();
    "layers".clone_into(&mut rootfs.kind);
    rootfs.diff_ids.extend(taken.map(|taken| taken.layer.diff_id.clone()));
    let mut history = parent.config.history.clone();
    history.push(History {
        created: Some(created.clone()),
        created_by: container.config(Some(parent)).cmd.unwrap_or_default().join(" "),
        author: commit.author.clone(),
        comment: commit.comment.clone(),
        empty_layer: taken.is_none(),
    });
    Ok(ImageConfig {
        architecture: parent.config.platform().architecture,
        author: commit.author.clone(),
        config,
        created: Some(created),
        docker_version: env!("CARGO_PKG_VERSION").to_owned(),
        history,
        os: "linux".to_owned(),
        rootfs,
        variant: parent.config.variant.clone(),
        ..ImageConfig::default()
    })
}

/// Takes what a configuration doesn't say from the container's, as Docker does.
fn complete(config: &mut Defaults, own: &Defaults) {
    let or_own = |text: &mut String, own: &String| {
        if text.is_empty() {
            text.clone_from(own);
        }
    };
    or_own(&mut config.user, &own.user);
    or_own(&mut config.working_dir, &own.working_dir);
    for (port, empty) in &own.exposed_ports {
        config.exposed_ports.entry(port.clone()).or_insert(*empty);
    }
    let env =
        super::environment::merge(own.env.as_deref().unwrap_or_default(), config.env.as_deref().unwrap_or_default());
    config.env = Some(env);
    for (name, value) in own.labels.iter().flatten() {
        config.labels.get_or_insert_default().entry(name.clone()).or_insert_with(|| value.clone());
    }
    config.labels.get_or_insert_default();
    let is_empty = |words: &Option<Vec<String>>| words.as_ref().is_none_or(Vec::is_empty);
    if is_empty(&config.entrypoint) {
        if is_empty(&config.cmd) {
            config.cmd.clone_from(&own.cmd);
        }
        if config.entrypoint.is_none() {
            config.entrypoint.clone_from(&own.entrypoint);
        }
    }
    if let Some(check) = &own.healthcheck {
        config.healthcheck.get_or_insert_default().complete(check);
    }
    for (path, empty) in own.volumes.iter().flatten() {
        config.volumes.get_or_insert_default().entry(path.clone()).or_insert(*empty);
    }
    config.stop_signal = config.stop_signal.take().or_else(|| own.stop_signal.clone());
}
