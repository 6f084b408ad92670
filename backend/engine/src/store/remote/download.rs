//! Layers on their way from registries: one that thirty learners want comes once, and all thirty see how far it is.

use crate::store::{Layer, Store};
use crate::{Error, Result};
use archive::Limits;
use parking_lot::Mutex;
use registry::{Descriptor, Download, Repository};
use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, Weak};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Chunks that are held between the connection and the disk.
const MOST_WAITING: usize = 16;

/// How far a layer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// So many bytes are here.
    Downloading(u64),
    /// All are here, and the last of them are being unpacked.
    Extracting,
    Done(Layer),
    /// With whoever fetched it; others may have more luck.
    Failed(String),
}

/// The layers that are coming now, by the digests of their blobs.
#[derive(Debug, Default)]
pub(crate) struct Downloads(Mutex<HashMap<String, Weak<Running>>>);

/// One of them, which ends when the last who waits for it has gone.
#[derive(Debug)]
struct Running {
    stage: watch::Receiver<Stage>,
    task: JoinHandle<()>,
}

/// What is to come, and from where.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) repository: Repository,
    pub(crate) blob: Descriptor,
    pub(crate) diff_id: String,
    pub(crate) limits: Limits,
}

impl Downloads {
    /// Fetches a layer, or waits for it with those who have begun. `look` sees every stage on the way.
    pub(crate) async fn fetch<F: Future<Output = ()>>(
        &self,
        store: &Arc<Store>,
        wanted: &Wanted,
        mut look: impl FnMut(Stage) -> F,
    ) -> Result<Layer> {
        loop {
            let (running, is_own) = self.join(store, wanted);
            let mut stages = running.stage.clone();
            let failure = loop {
                let stage = stages.borrow_and_update().clone();
                look(stage.clone()).await;
                match stage {
                    Stage::Done(layer) => return Ok(layer),
                    Stage::Failed(reason) => break reason,
                    Stage::Downloading(_) | Stage::Extracting => {}
                }
                if stages.changed().await.is_err() {
                    break "the download broke off".to_owned();
                }
            };
            if is_own {
                return Err(Error::system(failure));
            }
            // Somebody else's rights, network or quota were the reason: try with one's own.
            self.forget(wanted, &running);
        }
    }

    fn join(&self, store: &Arc<Store>, wanted: &Wanted) -> (Arc<Running>, bool) {
        let mut all = self.0.lock();
        if let Some(running) = all.get(wanted.blob.digest.as_str()).and_then(Weak::upgrade)
            && !matches!(*running.stage.borrow(), Stage::Failed(_))
        {
            return (running, false);
        }
        let (sender, stage) = watch::channel(Stage::Downloading(0));
        let (store, own) = (store.clone(), wanted.clone());
        let task = tokio::spawn(async move {
            let outcome = fetch(store, own, &sender).await;
            sender.send_replace(match outcome {
                Ok(layer) => Stage::Done(layer),
                Err(error) => Stage::Failed(error.message),
            });
        });
        let running = Arc::new(Running { stage, task });
        all.retain(|_, running| running.strong_count() > 0);
        all.insert(wanted.blob.digest.to_string(), Arc::downgrade(&running));
        (running, true)
    }

    fn forget(&self, wanted: &Wanted, failed: &Arc<Running>) {
        let mut all = self.0.lock();
        if all.get(wanted.blob.digest.as_str()).is_some_and(|running| running.as_ptr() == Arc::as_ptr(failed)) {
            all.remove(wanted.blob.digest.as_str());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Unpacks while it comes.
async fn fetch(store: Arc<Store>, wanted: Wanted, stage: &watch::Sender<Stage>) -> Result<Layer> {
    let Wanted { repository, blob, diff_id, limits } = wanted;
    let (sender, receiver) = mpsc::channel(MOST_WAITING);
    let unpacking = tokio::task::spawn_blocking(move || {
        let source = Chunks { receiver, current: bytes::Bytes::new() };
        store.add_layer(source, Some(&diff_id), limits)
    });
    let downloaded = pass(&mut repository.blob(&blob), &sender, stage).await;
    if downloaded.is_ok() {
        stage.send_replace(Stage::Extracting);
    }
    let broken_off = downloaded.as_ref().is_err();
    if broken_off {
        let _ = sender.send(Err(io::Error::other("the download broke off"))).await;
    }
    drop(sender);
    let unpacked = unpacking.await.map_err(|error| Error::system(format!("the layer can't be unpacked: {error}")))?;
    // What the connection says explains what the unpacking says.
    downloaded?;
    unpacked
}

async fn pass(
    download: &mut Download,
    sender: &mpsc::Sender<io::Result<bytes::Bytes>>,
    stage: &watch::Sender<Stage>,
) -> Result<()> {
    let mut size = 0;
    while let Some(chunk) = download.chunk().await? {
        size += chunk.len() as u64;
        // If the unpacking has failed, the rest still tells whether it was given what the registry promised.
        let _ = sender.send(Ok(chunk)).await;
        stage.send_replace(Stage::Downloading(size));
    }
    Ok(())
}

/// What comes, for the thread that unpacks it.
struct Chunks {
    receiver: mpsc::Receiver<io::Result<bytes::Bytes>>,
    current: bytes::Bytes,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.receiver.blocking_recv() {
                Some(chunk) => self.current = chunk?,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.current.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}
