//! The way to a registry: a port in the network of another process, behind which is a socket in the file system. It can be bad.

use nix::sched::{CloneFlags, setns};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// What becomes of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Free,
    /// After so many bytes of a connection nothing comes any more, until the way is another.
    Held(u64),
    /// The connection on which so many bytes have come is cut; then the way is free.
    CutOnce(u64),
}

/// A port that is open until this is dropped.
pub(crate) struct Relay(Arc<State>);

struct State {
    way: Mutex<Way>,
    changed: Condvar,
    ended: AtomicBool,
}

impl Relay {
    pub(crate) fn start(pid: u32, port: u16, socket: PathBuf) -> Self {
        let state =
            Arc::new(State { way: Mutex::new(Way::Free), changed: Condvar::new(), ended: AtomicBool::new(false) });
        let namespace = File::open(format!("/proc/{pid}/ns/net")).unwrap();
        // A thread of its own: it can't go back. A socket stays where it was made.
        let listener = thread::spawn(move || {
            setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
            TcpListener::bind(("127.0.0.1", port)).unwrap()
        });
        let listener = listener.join().unwrap();
        listener.set_nonblocking(true).unwrap();
        let own = state.clone();
        thread::spawn(move || {
            while !own.ended.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((client, _)) => own.clone().join(client, &socket),
                    Err(_) => thread::sleep(Duration::from_millis(5)),
                }
            }
        });
        Self(state)
    }

    pub(crate) fn set(&self, way: Way) {
        *self.0.way.lock().unwrap() = way;
        self.0.changed.notify_all();
    }

    pub(crate) fn is_free(&self) -> bool {
        *self.0.way.lock().unwrap() == Way::Free
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
        self.set(Way::Free);
    }
}

impl State {
    fn join(self: Arc<Self>, client: TcpStream, socket: &Path) {
        client.set_nonblocking(false).unwrap();
        let Ok(registry) = UnixStream::connect(socket) else { return };
        let (mut from, mut to) = (client.try_clone().unwrap(), registry.try_clone().unwrap());
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
        thread::spawn(move || {
            let _ = self.answer(&registry, &client);
            let _ = client.shutdown(Shutdown::Both);
            let _ = registry.shutdown(Shutdown::Both);
        });
    }

    fn answer(&self, mut registry: &UnixStream, mut client: &TcpStream) -> std::io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        let mut passed = 0;
        loop {
            let length = registry.read(&mut buffer)?;
            if length == 0 || !self.may_pass(passed) {
                return Ok(());
            }
            client.write_all(&buffer[..length])?;
            passed += length as u64;
        }
    }

    /// Waits until more may pass. `false`: never.
    fn may_pass(&self, passed: u64) -> bool {
        let way = self.way.lock().unwrap();
        let mut way = self.changed.wait_while(way, |way| matches!(way, Way::Held(after) if passed >= *after)).unwrap();
        if matches!(*way, Way::CutOnce(after) if passed >= after) {
            *way = Way::Free;
            return false;
        }
        true
    }
}
