//! The bytes of an archive of images, made while they are read.

use crate::store::Store;
use archive::header::{END, EntryType, Head, padding};
use std::io::{self, Cursor, Read};

/// An archive of images. Reading blocks.
pub struct SavedImages {
    store: Store,
    /// Path and content of each entry, the next one first.
    parts: std::vec::IntoIter<(String, Part)>,
    /// What is read before anything else.
    ready: Cursor<Vec<u8>>,
    layer: Option<Layer>,
    has_ended: bool,
}

pub(super) struct Part {
    pub(super) content: Content,
    /// When it was changed, in seconds since the epoch.
    pub(super) time: i64,
}

pub(super) enum Content {
    Directory,
    Document(Vec<u8>),
    Layer { diff_id: String, size: u64 },
}

struct Layer {
    tar: Box<dyn Read + Send>,
    left: u64,
    padding: &'static [u8],
}

impl SavedImages {
    pub(super) fn new(store: Store, parts: Vec<(String, Part)>) -> Self {
        Self { store, parts: parts.into_iter(), ready: Cursor::default(), layer: None, has_ended: false }
    }

    fn go_on(&mut self) -> io::Result<()> {
        let Some((path, part)) = self.parts.next() else {
            self.has_ended = true;
            self.ready = Cursor::new(END.to_vec());
            return Ok(());
        };
        let (mut kind, mut mode, mut size, mut bytes) = (EntryType::Regular, 0o644, 0, Vec::new());
        match part.content {
            Content::Directory => (kind, mode) = (EntryType::Directory, 0o755),
            Content::Document(document) => {
                size = document.len() as u64;
                bytes = [&document, padding(size)].concat();
            }
            Content::Layer { diff_id, size: all } => {
                size = all;
                let tar = self.store.open_layer(&diff_id).map_err(io::Error::other)?;
                self.layer = Some(Layer { tar, left: size, padding: padding(size) });
            }
        }
        let head = Head {
            name: path.as_bytes(),
            kind,
            mode,
            user: 0,
            group: 0,
            modified: part.time,
            device: 0,
            size,
            target: b"",
            xattrs: &[],
        };
        self.ready = Cursor::new([head.to_bytes()?, bytes].concat());
        Ok(())
    }
}

impl Read for SavedImages {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match self.ready.read(buffer)? {
                0 => {}
                read => return Ok(read),
            }
            if let Some(layer) = &mut self.layer {
                let most = usize::try_from(layer.left).unwrap_or(usize::MAX).min(buffer.len());
                match layer.tar.read(&mut buffer[..most])? {
                    0 if layer.left > 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    0 => {
                        self.ready = Cursor::new(layer.padding.to_vec());
                        self.layer = None;
                    }
                    read => {
                        layer.left -= read as u64;
                        return Ok(read);
                    }
                }
            } else if self.has_ended {
                return Ok(0);
            } else {
                self.go_on()?;
            }
        }
    }
}

impl std::fmt::Debug for SavedImages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SavedImages").field("left", &self.parts.len()).finish_non_exhaustive()
    }
}
