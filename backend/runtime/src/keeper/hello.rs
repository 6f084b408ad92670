//! How a keeper greets a server, which may be newer than it is, and what it hands out then.

use super::protocol::ProcessState;
use crate::failure::{Failure, FailureKind};
use serde::{Deserialize, Serialize};
use std::os::fd::OwnedFd;

/// The first version whose files have names.
const NAMED_FILES: u32 = 3;

/// What there is. Beside it: the files that it names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    pub pid: i32,
    pub init: i32,
    /// Of the protocol that the keeper speaks. See [`super::protocol::Request::since`].
    pub version: u32,
    pub processes: Vec<ProcessState>,
    /// What the files beside it are, in their order. Since version 3.
    #[serde(default)]
    pub files: Vec<FileKind>,
    /// Whether the files have the root of the host's disk. Older servers and older keepers go by it.
    #[serde(default)]
    pub disk: bool,
    /// Whether they have what [`super::protocol::HostConfig::router`] is about. Older servers and older keepers go by it.
    #[serde(default)]
    pub router: bool,
}

/// What an open file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub enum FileKind {
    UserNamespace,
    NetworkNamespace,
    /// Listens for the engine's API in the workstation.
    EngineSocket,
    /// The root of the host's disk.
    Disk,
    /// The network namespace that the host's cable leads to.
    Router,
    /// Of a newer keeper's.
    Unknown,
}

impl From<String> for FileKind {
    fn from(name: String) -> Self {
        let known = [Self::UserNamespace, Self::NetworkNamespace, Self::EngineSocket, Self::Disk, Self::Router];
        known.into_iter().find(|kind| format!("{kind:?}") == name).unwrap_or(Self::Unknown)
    }
}

/// The files that came, each in its place.
#[derive(Debug)]
pub struct HandedOut {
    pub user_namespace: OwnedFd,
    pub network_namespace: OwnedFd,
    pub engine_socket: Option<OwnedFd>,
    pub disk: Option<OwnedFd>,
    pub router: Option<OwnedFd>,
}

impl Hello {
    /// Tells which file is which; those of kinds that are not known here are closed.
    ///
    /// # Errors
    /// There are others than it names, or not the namespaces that every host has.
    pub fn sort(&self, fds: Vec<OwnedFd>) -> Result<HandedOut, Failure> {
        let kinds = if self.version < NAMED_FILES { self.by_position(fds.len()) } else { self.files.clone() };
        if kinds.len() != fds.len() {
            return Err(odd(format!("the keeper names {} files and sends {}", kinds.len(), fds.len())));
        }
        let (mut user, mut network, mut engine_socket, mut disk, mut router) = (None, None, None, None, None);
        for (kind, fd) in kinds.into_iter().zip(fds) {
            let place = match kind {
                FileKind::UserNamespace => &mut user,
                FileKind::NetworkNamespace => &mut network,
                FileKind::EngineSocket => &mut engine_socket,
                FileKind::Disk => &mut disk,
                FileKind::Router => &mut router,
                FileKind::Unknown => continue,
            };
            *place = Some(fd);
        }
        let missing = |what| odd(format!("the keeper sent no {what}"));
        Ok(HandedOut {
            user_namespace: user.ok_or_else(|| missing("user namespace"))?,
            network_namespace: network.ok_or_else(|| missing("network namespace"))?,
            engine_socket,
            disk,
            router,
        })
    }

    /// Before version 3: two namespaces, the socket if there is one more than the flags say, and what the flags say.
    fn by_position(&self, count: usize) -> Vec<FileKind> {
        let flagged = [(self.disk, FileKind::Disk), (self.router, FileKind::Router)];
        let flagged: Vec<_> = flagged.into_iter().filter(|(is_there, _)| *is_there).map(|(_, kind)| kind).collect();
        let socket = (count > 2 + flagged.len()).then_some(FileKind::EngineSocket);
        [FileKind::UserNamespace, FileKind::NetworkNamespace].into_iter().chain(socket).chain(flagged).collect()
    }
}

fn odd(message: String) -> Failure {
    Failure { kind: FailureKind::System, message }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]
    use super::super::protocol::{Message, Numbered, Reply};
    use super::*;
    use rustix::fs::{fstat, memfd_create};
    use std::os::fd::AsFd;

    /// As keepers of version 2 (commit 304c6e4) and 1 write it.
    const OF_VERSION_2: &str = r#"{"Reply":{"seq":1,"body":{"Hello":{"pid":7,"init":9,"version":2,"processes":[{"id":"workstation","container":null,"pid":9,"status":{"Running":{"started_at":5}}}],"disk":DISK,"router":ROUTER}}}}"#;
    const OF_VERSION_1: &str = r#"{"Reply":{"seq":1,"body":{"Hello":{"pid":7,"init":9,"version":1,"processes":[]}}}}"#;

    fn hello(packet: &str) -> Hello {
        let message = serde_json::from_str(packet).unwrap();
        let Message::Reply(Numbered { body: Reply::Hello(hello), .. }) = message else { panic!("{message:?}") };
        hello
    }

    fn inode(fd: impl AsFd) -> u64 {
        fstat(fd).unwrap().st_ino
    }

    /// As many files, and what tells each.
    fn files(count: usize) -> (Vec<OwnedFd>, Vec<u64>) {
        let fds: Vec<_> = (0..count).map(|_| memfd_create("file", rustix::fs::MemfdFlags::CLOEXEC).unwrap()).collect();
        let inodes = fds.iter().map(inode).collect();
        (fds, inodes)
    }

    #[test]
    fn older_keepers_are_understood_by_the_order_of_their_files() {
        for (socket, disk, router) in
            (0..8).map(|bits| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0)).chain([(true, true, true)])
        {
            let packet = OF_VERSION_2.replace("DISK", &disk.to_string()).replace("ROUTER", &router.to_string());
            let hello = hello(&packet);
            assert_eq!((hello.version, hello.processes[0].pid), (2, 9));
            let (fds, inodes) = files(2 + usize::from(socket) + usize::from(disk) + usize::from(router));
            let sorted = hello.sort(fds).unwrap();
            let mut expected = inodes.into_iter();
            assert_eq!(Some(inode(&sorted.user_namespace)), expected.next());
            assert_eq!(Some(inode(&sorted.network_namespace)), expected.next());
            for (fd, is_there) in [(sorted.engine_socket, socket), (sorted.disk, disk), (sorted.router, router)] {
                assert_eq!(fd.map(inode), is_there.then(|| expected.next()).flatten(), "{packet}");
            }
        }
        hello(OF_VERSION_1).sort(files(3).0).unwrap().engine_socket.unwrap();
    }

    #[test]
    fn names_count_and_unknown_ones_are_passed_over() {
        let packet = OF_VERSION_1.replace("\"version\":1", "\"version\":4").replace(
            "\"processes\":[]",
            r#""processes":[],"colour":3,"files":["Router","Cable","NetworkNamespace","UserNamespace"]"#,
        );
        let (fds, inodes) = files(4);
        let sorted = hello(&packet).sort(fds).unwrap();
        assert_eq!(inode(sorted.router.unwrap()), inodes[0]);
        assert_eq!((inode(sorted.network_namespace), inode(sorted.user_namespace)), (inodes[2], inodes[3]));
        assert!(sorted.disk.is_none() && sorted.engine_socket.is_none());
        assert!(hello(&packet).sort(files(3).0).unwrap_err().message.contains("names 4 files and sends 3"));
        assert!(hello(&packet.replace("\"UserNamespace\"", "\"Disk\"")).sort(files(4).0).is_err());
    }
}
