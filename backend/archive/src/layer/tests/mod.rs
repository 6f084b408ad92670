#![allow(clippy::unwrap_used, reason = "a test may")]

mod compressed;
mod content;
mod damaged;
mod hostile;
mod limits;
mod links;
mod mutated;
mod order;
mod overlay;
mod real;
mod snapshot;
mod sparse;

use super::*;
use crate::compression::{Compression, decompress};
use crate::testing::Scratch;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Runs in a thread with mounts of its own, which go with it.
fn with_own_mounts<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::spawn(|| {
        unshare(CloneFlags::CLONE_NEWNS).unwrap();
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>).unwrap();
        run()
    });
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// As a layer is called by.
fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// A directory to unpack into, and beside it what an archive must not reach.
struct Place {
    scratch: Scratch,
}

impl Place {
    fn new() -> Self {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path().join("root")).unwrap();
        fs::create_dir(scratch.path().join("outside")).unwrap();
        fs::write(scratch.path().join("outside/secret"), "secret").unwrap();
        Self { scratch }
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    fn outside(&self) -> PathBuf {
        self.scratch.path().join("outside")
    }

    fn unpack(&self, tar: impl Read) -> Result<Unpacked> {
        self.unpack_within(tar, Limits::default())
    }

    fn unpack_within(&self, tar: impl Read, limits: Limits) -> Result<Unpacked> {
        let result = unpack(tar, fs::File::open(self.root()).unwrap().into(), limits);
        self.assert_nothing_outside();
        if let Err(error) = &result {
            assert!(!error.message.contains("broke down"), "it panicked");
        }
        result
    }

    fn assert_nothing_outside(&self) {
        assert_eq!(fs::read_dir(self.scratch.path()).unwrap().count(), 2);
        assert_eq!(fs::read_dir(self.outside()).unwrap().count(), 1);
        let secret = self.outside().join("secret");
        assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
        let metadata = fs::metadata(&secret).unwrap();
        assert_eq!((metadata.nlink(), metadata.mode() & 0o7777, metadata.uid()), (1, 0o644, 0));
        for path in [self.outside(), secret] {
            assert_eq!(rustix::fs::listxattr(&path, &mut [0; 64]).unwrap(), 0);
            assert!(fs::metadata(path).unwrap().mtime() > 1_700_000_000);
        }
    }

    /// A trusted or other attribute.
    fn xattr(&self, path: &str, name: &str) -> Option<Vec<u8>> {
        let mut value = [0; 256];
        let length = rustix::fs::lgetxattr(self.root().join(path), name, &mut value).ok()?;
        Some(value[..length].to_vec())
    }

    fn is_opaque(&self, path: &str) -> bool {
        self.xattr(path, "trusted.overlay.opaque").as_deref() == Some(b"y")
    }

    fn is_whiteout(&self, path: &str) -> bool {
        let metadata = fs::symlink_metadata(self.root().join(path));
        metadata.is_ok_and(|metadata| metadata.mode() & 0o170_000 == 0o020_000 && metadata.rdev() == 0)
    }
}
