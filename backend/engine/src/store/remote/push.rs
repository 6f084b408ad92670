//! `docker push`

use super::progress::{Progress, Reporter, short};
use crate::store::Owner;
use crate::store::blob::Blob;
use crate::store::layer::KeptArchive;
use crate::store::{Compression, Image, Names, Reference, Store, digest};
use crate::{Error, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use registry::{Descriptor, Digest, Opening, Repository, Source, media_type};
use serde::Serialize;
use serde_json::ser::PrettyFormatter;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Layers of one push that go at once; Docker has five, on more processors.
const AT_ONCE: usize = 3;

/// Repositories that are asked for a layer before it is sent; as many as Docker asks.
const MOST_SOURCES: usize = 4;

const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// A push that is going on.
pub(crate) struct Push {
    pub(crate) store: Arc<Store>,
    pub(crate) owner: Owner,
    pub(crate) repository: Repository,
    pub(crate) reporter: Reporter,
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

impl Manifest {
    /// Indented as Docker does it: the same content gives the same digest.
    fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let indented = PrettyFormatter::with_indent(b"   ");
        self.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, indented))
            .map_err(|error| Error::system(format!("the image's manifest can't be written: {error}")))?;
        Ok(bytes)
    }
}

impl Push {
    /// The first line.
    pub(crate) async fn begin(&self, name: &Reference) {
        let line = format!("The push refers to repository [{}]", name.full_name());
        self.reporter.say(Progress::Message(line)).await;
    }

    /// Sends one image, and puts it under its tag.
    pub(crate) async fn one(&self, name: &Reference, image: &Image) -> Result<()> {
        let diff_ids = &image.config.rootfs.diff_ids;
        // As Docker shows them: the topmost first, each once.
        let mut shown: Vec<String> = Vec::new();
        for diff_id in diff_ids.iter().rev() {
            if !shown.contains(diff_id) {
                shown.push(diff_id.clone());
            }
        }
        for (position, diff_id) in shown.iter().enumerate() {
            self.reporter.layer(&short(diff_id), "Preparing", None).await;
            if position >= AT_ONCE {
                self.reporter.layer(&short(diff_id), "Waiting", None).await;
            }
        }
        let sent = stream::iter(shown).map(|diff_id| self.layer(name, diff_id));
        let sent: Vec<(String, Blob)> = sent.buffer_unordered(AT_ONCE).try_collect().await?;

        let document = self.store.document(&image.id)?;
        let config = Part { media_type: CONFIG, size: document.len() as u64, digest: image.id.to_string() };
        self.document(document).await?;
        let mut layers = Vec::new();
        for diff_id in diff_ids {
            if let Some((_, blob)) = sent.iter().find(|(sent, _)| sent == diff_id) {
                layers.push(Part { media_type: LAYER, size: blob.size, digest: blob.digest.clone() });
            }
        }
        let manifest = Manifest { schema_version: 2, media_type: media_type::DOCKER_MANIFEST, config, layers };
        let manifest = manifest.to_bytes()?;
        let tag = name.tag().unwrap_or_default().to_owned();
        let (digest, size) = (digest::sha256(&manifest), manifest.len() as u64);
        self.repository.put_manifest(&tag, media_type::DOCKER_MANIFEST, manifest.into()).await?;
        let names = Names { digests: &[name.with_suffix(&digest)?], ..Names::default() };
        self.store.name(&self.owner, &image.id, &names)?;
        self.reporter.say(Progress::Message(format!("{tag}: digest: {digest} size: {size}"))).await;
        self.reporter.say(Progress::Pushed { tag, digest, size }).await;
        Ok(())
    }

    async fn document(&self, document: Vec<u8>) -> Result<()> {
        let descriptor = Descriptor::of(CONFIG, &document);
        if self.repository.has_blob(&descriptor.digest).await? {
            return Ok(());
        }
        Ok(self.repository.upload_blob(&descriptor, &bytes::Bytes::from(document), &|_| {}).await?)
    }

    /// Sends a layer, if it isn't there; answers it with the blob that holds it there.
    async fn layer(&self, name: &Reference, diff_id: String) -> Result<(String, Blob)> {
        let id = short(&diff_id);
        let (store, wanted) = (self.store.clone(), diff_id.clone());
        // One that the registry has, in whatever compression, need not be compressed for it.
        for (blob, compression) in store.blobs_of_layer(&diff_id)? {
            if compression == Compression::Gzip && self.repository.has_blob(&Digest::parse(&blob.digest)?).await? {
                self.reporter.layer(&id, "Layer already exists", None).await;
                return Ok((diff_id, blob));
            }
        }
        let gzipped = tokio::task::spawn_blocking(move || gzipped(&store, &wanted)).await;
        let blob = gzipped.map_err(|error| Error::system(format!("the layer can't be compressed: {error}")))??;
        if self.repository.has_blob(&Digest::parse(&blob.digest)?).await? {
            self.reporter.layer(&id, "Layer already exists", None).await;
            return Ok((diff_id, blob));
        }
        if let Some(from) = self.mount(name, &diff_id, &blob).await? {
            self.reporter.say(Progress::Of { id, status: format!("Mounted from {from}") }).await;
            return Ok((diff_id, blob));
        }
        let total = blob.size;
        let descriptor = Descriptor { digest: Digest::parse(&blob.digest)?, size: total, ..Descriptor::of(LAYER, b"") };
        let file = BlobFile(self.store.blob_path(&blob.digest));
        let (sender, mut sent) = tokio::sync::watch::channel(0u64);
        let told = move |bytes| {
            sender.send_replace(bytes);
        };
        let upload = self.repository.upload_blob(&descriptor, &file, &told);
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
        Ok((diff_id, blob))
    }

    /// Has the registry take a blob over from another of its repositories where an image with this layer was; says from which.
    async fn mount(&self, name: &Reference, diff_id: &str, blob: &Blob) -> Result<Option<String>> {
        let known = self.store.repositories_with(&self.owner, diff_id)?;
        let known = known.iter().filter_map(|known| Reference::parse(known).ok());
        let near = known.filter(|known| known.registry() == name.registry() && known.name() != name.name());
        for repository in near.take(MOST_SOURCES) {
            // Who may push here need not be allowed to pull there.
            if self.repository.mount_blob(&Digest::parse(&blob.digest)?, &repository.path()).await.unwrap_or(false) {
                return Ok(Some(repository.path()));
            }
        }
        Ok(None)
    }
}

/// A blob of the store, to be sent.
struct BlobFile(PathBuf);

impl Source for BlobFile {
    fn open(&self) -> Opening<'_> {
        Box::pin(async {
            let file = tokio::fs::File::open(&self.0).await?;
            Ok(Box::new(file) as Box<dyn tokio::io::AsyncRead + Send + Unpin>)
        })
    }
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
    store.record_layer(&layer, &KeptArchive::Blob(&blob, Compression::Gzip))?;
    Ok(blob)
}
