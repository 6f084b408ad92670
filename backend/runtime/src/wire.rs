//! JSON values over `SOCK_SEQPACKET`, one per packet, with file descriptors beside them.

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recv, recvmsg, sendmsg, socketpair,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Longest packet that is accepted, in bytes. The specs themselves travel in files.
pub const MAX_PACKET: usize = 128 * 1024;

/// Most file descriptors that one packet may carry.
pub const MAX_FDS: usize = 16;

/// Two connected sockets, both closed on `execve`.
///
/// # Errors
/// When the process or the system has too many open files.
pub fn pair() -> Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}

/// Sends `message` as one packet, with `fds` beside it.
///
/// # Errors
/// `InvalidInput` if it is longer than [`MAX_PACKET`] or there are more than [`MAX_FDS`]; `BrokenPipe` if nobody is there
/// to read it; `WouldBlock` on a non-blocking socket that is full. It is sent either whole or not at all.
pub fn send<T: Serialize>(socket: impl AsFd, message: &T, fds: &[BorrowedFd]) -> Result<()> {
    send_packet(socket, &encode(message)?, fds)
}

/// The packet that carries `message`, for those who send it later or often.
///
/// # Errors
/// `InvalidInput` if it is longer than [`MAX_PACKET`].
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>> {
    let packet = serde_json::to_vec(message)?;
    if packet.len() > MAX_PACKET {
        let size = packet.len();
        return Err(Error::new(ErrorKind::InvalidInput, format!("a message of {size} bytes is too long to send")));
    }
    Ok(packet)
}

/// Sends an encoded message, with `fds` beside it.
///
/// # Errors
/// As [`send`].
pub fn send_packet(socket: impl AsFd, packet: &[u8], fds: &[BorrowedFd]) -> Result<()> {
    if fds.len() > MAX_FDS {
        return Err(Error::new(ErrorKind::InvalidInput, format!("{} files are too many to send", fds.len())));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(fds));
    }
    sendmsg(socket, &[IoSlice::new(packet)], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives one packet and the file descriptors beside it, which are closed on `execve`; `None` at the end of the stream.
///
/// # Errors
/// `InvalidData` if it isn't a `T` or is longer than [`MAX_PACKET`] (the packet is gone then); `WouldBlock` if there is none
/// on a non-blocking socket.
pub fn receive<T: DeserializeOwned>(socket: impl AsFd) -> Result<Option<(T, Vec<OwnedFd>)>> {
    match receive_packet(socket)? {
        Some((packet, fds)) => {
            let message = serde_json::from_slice(&packet).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
            Ok(Some((message, fds)))
        }
        None => Ok(None),
    }
}

/// Receives one packet as it is, for those who pass it on.
///
/// # Errors
/// As [`receive`], but for the packet's meaning.
pub fn receive_packet(socket: impl AsFd) -> Result<Option<(Vec<u8>, Vec<OwnedFd>)>> {
    // Peeking tells its length: a buffer for the longest would stay a keeper's for life.
    let (_, length) = recv(socket.as_fd(), &mut [0_u8; 1][..], RecvFlags::PEEK | RecvFlags::TRUNC)?;
    let mut packet = vec![0; length.clamp(1, MAX_PACKET)];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(socket, &mut [IoSliceMut::new(&mut packet)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let mut fds = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            fds.extend(rights);
        }
    }
    if received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
        return Err(Error::new(ErrorKind::InvalidData, "a message was longer than allowed"));
    }
    if received.bytes == 0 {
        return Ok(None);
    }
    packet.truncate(received.bytes);
    Ok(Some((packet, fds)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn carries_values_and_files() {
        let (a, b) = pair().unwrap();
        let (reader, writer) = nix::unistd::pipe().unwrap();
        send(&a, &"hello", &[writer.as_fd()]).unwrap();
        drop(writer);
        let (text, fds): (String, _) = receive(&b).unwrap().unwrap();
        assert_eq!(text, "hello");
        nix::unistd::write(&fds[0], b"x").unwrap();
        drop(fds);
        let mut read = [0; 2];
        assert_eq!(nix::unistd::read(&reader, &mut read).unwrap(), 1);
        assert_eq!(nix::unistd::read(&reader, &mut read).unwrap(), 0, "the received end was the last one");
    }

    #[test]
    fn tells_the_end_from_rubbish() {
        let (a, b) = pair().unwrap();
        nix::unistd::write(&a, b"{").unwrap();
        assert_eq!(receive::<String>(&b).unwrap_err().kind(), ErrorKind::InvalidData);
        drop(a);
        assert!(receive::<String>(&b).unwrap().is_none());
    }

    #[test]
    fn refuses_what_is_too_long() {
        let (a, b) = pair().unwrap();
        assert_eq!(send(&a, &"x".repeat(MAX_PACKET), &[]).unwrap_err().kind(), ErrorKind::InvalidInput);
        nix::unistd::write(&a, &vec![b' '; MAX_PACKET + 1]).unwrap();
        assert_eq!(receive::<String>(&b).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
