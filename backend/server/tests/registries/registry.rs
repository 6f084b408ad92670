//! A real registry: Debian's `docker-registry`, with a directory of its own.
//!
//! It listens at a socket in the file system; a [`Relay`] makes it `localhost` for whom it is to be that.

use crate::common::eventually;
use crate::relay::Relay;
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Who may come in where somebody must be somebody.
pub(crate) const USER: &str = "ada";
pub(crate) const PASSWORD: &str = "geheim";
/// Of `USER` and `PASSWORD`, as `htpasswd -B` writes it.
const HTPASSWD: &str = "ada:$2b$04$amdy62So5vkr/pTAbWKfXe.OjInHJwXtBbP4JyL.s2/Nf2p6ia042\n";

pub(crate) struct Registry {
    process: Child,
    directory: PathBuf,
}

impl Registry {
    /// One that is open to all, with its files below `directory`.
    pub(crate) fn start(directory: &Path) -> Self {
        Self::with(directory.join("registry"), "")
    }

    /// One that asks for [`USER`] and [`PASSWORD`].
    pub(crate) fn start_locked(directory: &Path) -> Self {
        let directory = directory.join("locked-registry");
        let auth = format!("auth: {{htpasswd: {{realm: test, path: {}/htpasswd}}}}\n", directory.display());
        Self::with(directory, &auth)
    }

    fn with(directory: PathBuf, auth: &str) -> Self {
        fs::create_dir(&directory).unwrap();
        let shown = directory.display();
        let configuration = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {shown}/storage}}, delete: {{enabled: true}}}}\n\
             http: {{net: unix, addr: {shown}/sock}}\n{auth}"
        );
        fs::write(directory.join("config.yml"), configuration).unwrap();
        fs::write(directory.join("htpasswd"), HTPASSWD).unwrap();
        let log = fs::File::create(directory.join("log")).unwrap();
        // setpriv: whatever ends us ends it too.
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "docker-registry", "serve"])
            .arg(directory.join("config.yml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let registry = Self { process, directory };
        eventually("the registry answers", || UnixStream::connect(registry.socket()).is_ok());
        registry
    }

    /// Makes this `localhost:<port>` in the network of a process.
    pub(crate) fn at(&self, pid: u32, port: u16) -> Relay {
        Relay::start(pid, port, self.socket())
    }

    /// How often something was asked for: `GET /v2/made/blobs/`.
    pub(crate) fn count(&self, request: &str) -> usize {
        let log = fs::read_to_string(self.directory.join("log")).unwrap();
        log.lines().filter(|line| line.contains(&format!("\"{request}"))).count()
    }

    /// Where the bytes of a blob are.
    pub(crate) fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").unwrap();
        self.directory.join("storage/docker/registry/v2/blobs/sha256").join(&hex[..2]).join(hex).join("data")
    }

    /// The digests of what it has, by size, the largest first.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let all = self.directory.join("storage/docker/registry/v2/blobs/sha256");
        let directories = fs::read_dir(all).unwrap().flatten();
        let blobs = directories.flat_map(|prefix| fs::read_dir(prefix.path()).unwrap().flatten());
        let mut found: Vec<(u64, String)> = blobs
            .map(|blob| {
                let size = fs::metadata(blob.path().join("data")).unwrap().len();
                (size, format!("sha256:{}", blob.file_name().into_string().unwrap()))
            })
            .collect();
        found.sort();
        found.into_iter().rev().map(|(_, digest)| digest).collect()
    }

    fn socket(&self) -> PathBuf {
        self.directory.join("sock")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
