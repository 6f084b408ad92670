//! Work that has to be done within a network namespace.

pub(crate) mod dial;

use nix::sched::CloneFlags;
use std::fs::File;
use std::io::{Error, Result, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

/// A network namespace that lasts as long as its descriptor, or as somebody in it.
pub(crate) async fn new() -> Result<OwnedFd> {
    let (answer, made) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("namespace".to_owned()).spawn(move || {
        let made = nix::sched::unshare(CloneFlags::CLONE_NEWNET).map_err(Error::from);
        let made = made.and_then(|()| File::open("/proc/thread-self/ns/net"));
        // Nobody waits any more: then nobody needs it.
        let _ = answer.send(made.map(OwnedFd::from));
    })?;
    made.await.map_err(Error::other)?
}

/// Does `work` on a thread that enters the namespace, and ends there.
pub(crate) async fn within<T: Send + 'static>(
    namespace: OwnedFd,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (answer, done) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("namespace".to_owned()).spawn(move || {
        let result = nix::sched::setns(namespace, CloneFlags::CLONE_NEWNET).map_err(Error::from).and_then(|()| work());
        // Nobody waits any more: then nobody needs it.
        let _ = answer.send(result);
    })?;
    done.await.map_err(Error::other)?
}

/// Loads rules into this thread's namespace, all or none.
pub(crate) fn nft(rules: &str) -> Result<()> {
    let mut child = Command::new("nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| Error::other(format!("nft can't be started ({e}). Install it: apt-get install nftables")))?;
    let sent = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(rules.as_bytes()));
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(Error::other(format!("nft refused: {}", String::from_utf8_lossy(&output.stderr).trim())));
    }
    sent
}
