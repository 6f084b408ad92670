//! An address within another network namespace that leads to one here.

use std::fs::File;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::{io, thread};

/// Listens on loopback in the namespace of a process. The port.
pub(crate) fn start(pid: u32, to: SocketAddr) -> u16 {
    let namespace = File::open(format!("/proc/{pid}/ns/net")).unwrap();
    // A socket stays in the namespace of the thread that made it, and a new thread begins in that of its maker.
    let listening = thread::spawn(move || {
        let kind = Some(rustix::thread::LinkNameSpaceType::Network);
        rustix::thread::move_into_link_name_space(namespace.as_fd(), kind).unwrap();
        TcpListener::bind("127.0.0.1:0").unwrap()
    });
    let listener = listening.join().unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(to).unwrap());
            pass(&client, &server);
            pass(&server, &client);
        }
    });
    port
}

fn pass(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        // Whoever hangs up, the other one learns of it.
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
