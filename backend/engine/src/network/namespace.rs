//! Work that has to be done within a network namespace.

use nix::sched::CloneFlags;
use std::io::{Error, Result, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

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
