//! `docker push`

use super::progress::{Progress, ProgressStream, Reporter, short};
use crate::host::VirtualHost;
use crate::image::blob::Blob;
use crate::image::{Compression, Image, Names, Reference, Store, digest};
use crate::{Error, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use registry::{Credentials, Descriptor, Repository};
use serde::Serialize;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Layers of one push that go at once; Docker has five, on more processors.
const AT_ONCE: usize = 3;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// What is to be pushed.
#[derive(Debug, Clone, Default)]
pub struct PushRequest {
    pub name: String,
    /// `None`: every tag that the host has of the name.
    pub tag: Option<String>,
    pub credentials: Option<Credentials>,
}

struct Push {
    host: Arc<VirtualHost>,
    repository: Repository,
    reporter: Reporter,
}

/// As Docker writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    media_type: &'static str,
    config: Part,
    layers: Vec<Part>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    media_type: &'static str,
    size: u64,
    digest: String,
}

impl VirtualHost {
    /// Sends images to their registry, and says how far it is.
    ///
    /// # Errors
    /// The name is none, or the host has nothing of that name; everything else is the last line of the stream.
    pub fn push(self: &Arc<Self>, request: PushRequest) -> Result<ProgressStream> {
        let named = Reference::parse(&request.name)?;
        let tags = match &request.tag {
            Some(tag) => vec![named.with_suffix(tag).map_err(|_| Error::invalid("invalid tag format"))?],
            None => self.store.tags_of(&self.id, named.name())?,
        };
        let missing = || Error::not_found(format!("An image does not exist locally with the tag: {}", named.name()));
        let mut images = Vec::new();
        for tag in tags {
            let image = self.image(&tag.to_string()).map_err(|_| missing())?;
            images.push((tag, image));
        }
        if images.is_empty() {
            return Err(missing());
        }
        let repository = self.repository(&named, request.credentials);
        let host = self.clone();
        Ok(ProgressStream::of(async move |reporter| {
            let whole = named.full_name();
            reporter.say(Progress::Message(format!("The push refers to repository [{whole}]"))).await;
            let push = Push { host, repository, reporter };
            for (tag, image) in images {
                push.one(&tag, &image).await?;
            }
            Ok(())
        }))
    }
}

impl Push {
    async fn one(&self, name: &Reference, image: &Image) -> Result<()> {
        let diff_ids = &image.config.rootfs.diff_ids;
        // As Docker shows them: the topmost first, each once.
        let mut shown: Vec<&String> = Vec::new();
        for diff_id in diff_ids.iter().rev() {
            if !shown.contains(&diff_id) {
                shown.push(diff_id);
            }
        }
        for (position, diff_id) in shown.iter().enumerate() {
            self.reporter.layer(&short(diff_id), "Preparing", None).await;
            if position >= AT_ONCE {
                self.reporter.layer(&short(diff_id), "Waiting", None).await;
            }
        }
        let sent = stream::iter(shown).map(async |diff_id| Ok::<_, Error>((diff_id.clone(), self.layer(diff_id).await?)));
        let sent: Vec<(String, Blob)> = sent.buffer_unordered(AT_ONCE).try_collect().await?;

        let document = self.host.store.document(&image.id)?;
        let config = Part { media_type: CONFIG, size: document.len() as u64, digest: image.id.clone() };
        self.document(&config, document).await?;
        let mut layers = Vec::new();
        for diff_id in diff_ids {
            if let Some((_, blob)) = sent.iter().find(|(sent, _)| sent == diff_id) {
                layers.push(Part { media_type: LAYER, size: blob.size, digest: blob.digest.clone() });
            }
        }
        let manifest = Manifest { schema_version: 2, media_type: MANIFEST, config, layers };
        let manifest = serde_json::to_vec_pretty(&manifest)
            .map_err(|error| Error::system(format!("the image's manifest can't be written: {error}")))?;
        let tag = name.tag().unwrap_or_default().to_owned();
        let (digest, size) = (digest::sha256(&manifest), manifest.len() as u64);
        self.repository.put_manifest(&tag, MANIFEST, &manifest).await?;
        let names = Names { digests: &[name.with_suffix(&digest)?], ..Names::default() };
        self.host.store.name(&self.host.id, &image.id, &names)?;
        self.reporter.say(Progress::Message(format!("{tag}: digest: {digest} size: {size}"))).await;
        self.reporter.say(Progress::Pushed { tag, digest, size }).await;
        self.host.image_event(&name.to_string(), "push", image, name);
        Ok(())
    }

    async fn document(&self, part: &Part, document: Vec<u8>) -> Result<()> {
        if self.repository.has_blob(&part.digest).await? {
            return Ok(());
        }
        let descriptor = descriptor(part);
        Ok(self.repository.upload_bytes(&descriptor, document.into()).await?)
    }

    async fn layer(&self, diff_id: &str) -> Result<Blob> {
        let id = short(diff_id);
        let (store, wanted) = (self.host.store.clone(), diff_id.to_owned());
        // One that the registry has, in whatever compression, need not be compressed for it.
        for (blob, compression) in store.blobs_of_layer(diff_id)? {
            if compression == Compression::Gzip && self.repository.has_blob(&blob.digest).await? {
                self.reporter.layer(&id, "Layer already exists", None).await;
                return Ok(blob);
            }
        }
        let gzipped = tokio::task::spawn_blocking(move || gzipped(&store, &wanted)).await;
        let blob = gzipped.map_err(|error| Error::system(format!("the layer can't be compressed: {error}")))??;
        if self.repository.has_blob(&blob.digest).await? {
            self.reporter.layer(&id, "Layer already exists", None).await;
            return Ok(blob);
        }
        let total = blob.size;
        let part = Part { media_type: LAYER, size: total, digest: blob.digest.clone() };
        let file: PathBuf = self.host.store.blob_path(&blob.digest);
        let (sender, mut sent) = tokio::sync::watch::channel(0u64);
        let upload = self.repository.upload_file(&descriptor(&part), &file, move |bytes| {
            sender.send_replace(bytes);
        });
        let shown = async {
            while sent.changed().await.is_ok() {
                let done = *sent.borrow_and_update();
                self.reporter.layer(&id, "Pushing", Some((done, total))).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            uploaded = upload => uploaded?,
            () = shown => {}
        }
        self.reporter.layer(&id, "Pushed", None).await;
        Ok(blob)
    }
}

fn descriptor(part: &Part) -> Descriptor {
    Descriptor { media_type: part.media_type.to_owned(), digest: part.digest.clone(), size: part.size, ..Descriptor::default() }
}

/// The layer as every registry takes it. Made once; afterwards it is there.
fn gzipped(store: &Store, diff_id: &str) -> Result<Blob> {
    let there = store.blobs_of_layer(diff_id)?.into_iter().find(|(_, compression)| *compression == Compression::Gzip);
    if let Some((blob, _)) = there {
        return Ok(blob);
    }
    let layer = store.find_layer(diff_id)?.ok_or_else(|| Error::not_found(format!("layer {diff_id} is not there")))?;
    let mut tar = store.open_layer(diff_id)?;
    let mut encoder = flate2::write::GzEncoder::new(store.new_blob()?, flate2::Compression::default());
    let packed = io::copy(&mut tar, &mut encoder).and_then(|_| encoder.finish());
    let packed = packed.map_err(|error| Error::system(format!("layer {diff_id} can't be compressed: {error}")))?;
    let blob = store.keep_blob(packed, None)?;
    store.record_layer(&layer, &blob, Compression::Gzip)?;
    Ok(blob)
}
