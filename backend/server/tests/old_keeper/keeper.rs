//! A keeper of the last release, as far as a server can tell: today's, behind somebody who speaks nothing but version 2.

use super::version_2::{Asked, Reply, Said};
use runtime::wire;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, accept, bind, connect, listen, socket_with};
use rustix::net::{Shutdown, shutdown};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Stands where the keeper of a host listened. Its threads end with the keeper, or with the test.
pub(crate) struct OldKeeper {
    refused: Arc<Mutex<Vec<String>>>,
}

impl OldKeeper {
    /// In the directory of a host whose keeper runs and has no server.
    pub(crate) fn stand_in(run_dir: &Path) -> Self {
        let (path, today) = (run_dir.join("keeper.sock"), run_dir.join("keeper-of-today.sock"));
        fs::rename(&path, &today).unwrap();
        let listener = seqpacket();
        bind(&listener, &SocketAddrUnix::new(&path).unwrap()).unwrap();
        listen(&listener, 16).unwrap();
        let refused = Arc::new(Mutex::new(Vec::new()));
        let complaints = refused.clone();
        std::thread::spawn(move || {
            while let Ok(server) = accept(&listener) {
                let keeper = seqpacket();
                if connect(&keeper, &SocketAddrUnix::new(&today).unwrap()).is_err() {
                    return;
                }
                between(Arc::new(server), Arc::new(keeper), complaints.clone());
            }
        });
        Self { refused }
    }

    /// What it was asked, and a keeper of version 2 hangs up on or passes over.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap().clone()
    }
}

fn seqpacket() -> OwnedFd {
    socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap()
}

fn between(server: Arc<OwnedFd>, keeper: Arc<OwnedFd>, refused: Arc<Mutex<Vec<String>>>) {
    let (from, to) = (server.clone(), keeper.clone());
    std::thread::spawn(move || {
        pass_on::<Asked>(&from, &to, |_| {}, |why| refused.lock().unwrap().push(why));
    });
    std::thread::spawn(move || {
        let older = |said: &mut Said| {
            if let Said::Reply(answer) = said
                && let Reply::Hello { version, .. } = &mut answer.body
            {
                *version = 2;
            }
        };
        pass_on(&keeper, &server, older, |why| panic!("today's keeper says what version 2 didn't: {why}"));
    });
}

/// Until one end has gone, or says what isn't known; then both have.
fn pass_on<T: Serialize + DeserializeOwned>(
    from: &OwnedFd,
    to: &OwnedFd,
    change: impl Fn(&mut T),
    mut unknown: impl FnMut(String),
) {
    while let Ok(Some((packet, fds))) = wire::receive_packet(from) {
        let mut message: T = match serde_json::from_slice(&packet) {
            Ok(message) => message,
            Err(error) => {
                unknown(format!("{error}: {}", String::from_utf8_lossy(&packet)));
                break;
            }
        };
        change(&mut message);
        let fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
        if wire::send(to, &message, &fds).is_err() {
            break;
        }
    }
    for end in [from, to] {
        let _ = shutdown(end, Shutdown::Both);
    }
}
