//! Everything in an archive, taken in as it comes: what is a tar becomes a layer, what is small is kept as a document.
//!
//! Nothing is written by a name of the archive's: its paths are keys, its links are text.

use super::Loaded;
use super::entry::{Counted, Data, broken, is_tar, path, short};
use crate::store::Owner;
use crate::store::layer::TakenIn;
use crate::store::{Store, digest};
use crate::time::now;
use crate::{Error, Result};
use archive::{BLOCK, Entries, Entry, Kind, Limits, decompress};
use rusqlite::OptionalExtension;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

/// Entries of an archive.
const MOST_ENTRIES: usize = 100_000;
/// Layers of an archive: dozens of images.
const MOST_LAYERS: usize = 4096;
/// Bytes of all documents and names together, which are held in memory.
const MOST_HELD: usize = 32 << 20;
/// Links that are followed for one path.
const MOST_LINKS: usize = 8;
/// Bytes between two words about how far a layer is.
const STEP: u64 = 512 << 10;
const BUFFER: usize = 128 << 10;

/// What came. Layers that no image refers to when it is dropped go.
pub(super) struct Intake<'a> {
    store: &'a Store,
    owner: &'a Owner,
    documents: HashMap<String, Vec<u8>>,
    /// Path to digest of the uncompressed tar.
    layers: HashMap<String, String>,
    links: HashMap<String, String>,
    /// Layers that were not there before, and when each was last wanted here.
    new: HashMap<String, i64>,
    held: usize,
    limits: Limits,
}

impl<'a> Intake<'a> {
    pub(super) fn read(
        store: &'a Store,
        owner: &'a Owner,
        archive: impl Read + Send,
        limits: Limits,
        tell: &mut impl FnMut(Loaded),
    ) -> Result<Self> {
        let mut intake = Self {
            store,
            owner,
            documents: HashMap::new(),
            layers: HashMap::new(),
            links: HashMap::new(),
            new: HashMap::new(),
            held: 0,
            limits,
        };
        let most = Limits::default();
        let mut entries = Entries::new(BufReader::with_capacity(BUFFER, decompress(archive, most)?));
        let mut bytes = 0_u64;
        for count in 0.. {
            let Some(entry) = entries.next()? else { break };
            bytes = bytes.saturating_add(entry.stored);
            if count >= MOST_ENTRIES || bytes > most.archive {
                return Err(Error::invalid(
                    "the archive has more entries, or more bytes in them, than images may have",
                ));
            }
            intake.entry(&entry, &mut entries, tell)?;
        }
        Ok(intake)
    }

    fn entry(
        &mut self,
        entry: &Entry,
        entries: &mut Entries<impl BufRead>,
        tell: &mut impl FnMut(Loaded),
    ) -> Result<()> {
        let path = path(&entry.name)?;
        self.hold(path.len())?;
        match entry.kind {
            Kind::File if entry.sparse.is_some() => Err(Error::invalid(format!(
                "the archive's entry {path:.200} is sparse, as nothing in such an archive is"
            ))),
            Kind::File => self.file(path, entry.stored, Data(entries), tell),
            Kind::Symlink | Kind::HardLink => {
                let target = String::from_utf8_lossy(&entry.link).into_owned();
                self.hold(target.len())?;
                // A hard link names its target from the root.
                let target = if entry.kind == Kind::HardLink { format!("/{target}") } else { target };
                self.links.insert(path, target);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What a file is, its beginning says: names differ from tool to tool.
    fn file(&mut self, path: String, total: u64, mut data: impl Read, tell: &mut impl FnMut(Loaded)) -> Result<()> {
        let mut beginning = Vec::new();
        data.by_ref().take(BLOCK as u64).read_to_end(&mut beginning).map_err(broken)?;
        if is_tar(&beginning) {
            let id = short(&path);
            let mut told = 0;
            let tell = |current: u64| {
                if current >= told + STEP || current == total {
                    told = current;
                    tell(Loaded::Layer { id: id.clone(), current, total });
                }
            };
            let source = Counted { inner: io::Cursor::new(beginning).chain(data), count: 0, tell };
            let layer = self.take_in(&path, source)?;
            self.layers.insert(path, layer);
            return Ok(());
        }
        let most = MOST_HELD.saturating_sub(self.held) as u64;
        if total > most {
            // Whatever it is: if it is wanted, it will be missing.
            return Ok(());
        }
        data.read_to_end(&mut beginning).map_err(broken)?;
        self.hold(beginning.len())?;
        self.documents.insert(path, beginning);
        Ok(())
    }

    /// A layer by its bytes; its digest. One that is there already isn't unpacked again.
    fn take_in(&mut self, path: &str, mut source: impl Read) -> Result<String> {
        if let Some((diff_id, blob)) = self.known(path)? {
            self.new.entry(diff_id.clone()).and_modify(|wanted| *wanted = now());
            if !self.host_has(&diff_id)? {
                // Somebody else's. To know a digest isn't to have what it is of: that must come to its last byte.
                let actual = digest::of_reader(&mut source).map_err(broken)?;
                if actual != blob {
                    return Err(Error::invalid(format!(
                        "{path:.200} in the archive is not what it is called: {actual}"
                    )));
                }
            } else {
                io::copy(&mut source, &mut io::sink()).map_err(broken)?;
            }
            return Ok(diff_id);
        }
        if self.new.len() >= MOST_LAYERS {
            return Err(Error::invalid(format!("the archive has more than {MOST_LAYERS} layers")));
        }
        let TakenIn { layer, since } = self.store.take_in_layer(source, None, self.limits)?;
        self.limits.bytes = self.limits.bytes.saturating_sub(layer.size);
        match since {
            Some(since) => drop(self.new.insert(layer.diff_id.clone(), since)),
            None => drop(self.new.entry(layer.diff_id.clone()).and_modify(|wanted| *wanted = now())),
        }
        Ok(layer.diff_id)
    }

    /// The layer that is called by the digest of its bytes, compressed or not, if it is there; and that digest.
    fn known(&self, path: &str) -> Result<Option<(String, String)>> {
        let Some(blob) = path.strip_prefix("blobs/sha256/").map(|hex| format!("sha256:{hex}")) else { return Ok(None) };
        let diff_id = match self.store.find_blob(&blob)? {
            Some(_) => self.store.layer_of_blob(&blob)?,
            None => Some(blob.clone()),
        };
        let Some(diff_id) = diff_id else { return Ok(None) };
        let is_kept = self.store.find_layer(&diff_id)?.is_some() && self.store.keeps_archive(&diff_id)?;
        Ok(is_kept.then_some((diff_id, blob)))
    }

    /// Whether an image of the host has the layer.
    pub(super) fn host_has(&self, diff_id: &str) -> Result<bool> {
        self.store.host_has_layer(self.owner, diff_id)
    }

    /// The bytes at a path, or behind links there.
    pub(super) fn document(&self, path: &str) -> Option<&[u8]> {
        self.find(path, &self.documents).map(Vec::as_slice)
    }

    /// The digest of the layer at a path.
    pub(super) fn layer(&self, path: &str) -> Result<Option<String>> {
        if self.find(path, &self.documents).is_some() {
            return Err(Error::invalid(format!(
                "{path:.200} in the archive is no layer: no tar, or not compressed as one"
            )));
        }
        Ok(self.find(path, &self.layers).cloned())
    }

    fn find<'t, T>(&self, wanted: &str, among: &'t HashMap<String, T>) -> Option<&'t T> {
        let mut path = path(wanted.as_bytes()).ok()?;
        for _ in 0..MOST_LINKS {
            if let Some(found) = among.get(&path) {
                return Some(found);
            }
            path = self.follow(&path)?;
        }
        None
    }

    /// Where the first link of a path leads, within the archive as if it were `/`.
    fn follow(&self, wanted: &str) -> Option<String> {
        let ends = wanted.match_indices('/').map(|(end, _)| end).chain([wanted.len()]);
        let (link, rest) = ends.map(|end| wanted.split_at(end)).find(|(link, _)| self.links.contains_key(*link))?;
        let target = self.links.get(link)?;
        let above = if target.starts_with('/') { "" } else { link.rsplit_once('/').map_or("", |(above, _)| above) };
        let mut names: Vec<&str> = Vec::new();
        for name in above.split('/').chain(target.split('/')).chain(rest.split('/')) {
            match name {
                "" | "." => {}
                ".." => drop(names.pop()),
                name => names.push(name),
            }
        }
        Some(names.join("/"))
    }

    fn hold(&mut self, bytes: usize) -> Result<()> {
        self.held += bytes;
        if self.held > MOST_HELD {
            return Err(Error::invalid("the archive's documents and names are larger than those of any images"));
        }
        Ok(())
    }
}

impl Drop for Intake<'_> {
    fn drop(&mut self) {
        self.store.forget(self.new.iter().map(|(layer, wanted)| (layer.as_str(), *wanted)));
    }
}

impl Store {
    fn layer_of_blob(&self, blob: &str) -> Result<Option<String>> {
        self.db.read(|connection| {
            let query = "SELECT diff_id FROM layer_blobs WHERE blob = ?1";
            Ok(connection.query_row(query, [blob], |row| row.get(0)).optional()?)
        })
    }

    fn host_has_layer(&self, owner: &Owner, diff_id: &str) -> Result<bool> {
        self.db.read(|connection| {
            let query = "SELECT EXISTS (SELECT 1 FROM image_layers JOIN host_images USING (image) WHERE host = ?1 AND diff_id = ?2)";
            Ok(connection.query_row(query, (owner, diff_id), |row| row.get(0))?)
        })
    }
}
