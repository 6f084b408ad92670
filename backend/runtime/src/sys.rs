//! Calls of the system that neither `nix` nor `rustix` wraps safely.
#![allow(unsafe_code, reason = "the one place where processes are forked and raw system calls are made")]

use rustix::mount::{MountAttrFlags, MountPropagationFlags};
use std::ffi::c_int;
use std::io::{Error, Result};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Forks; the child runs `body` and ends, whatever happens in it. Answers the child's pid.
///
/// The caller must be single-threaded, as every keeper is: the child goes on to allocate.
pub(crate) fn fork(body: impl FnOnce()) -> Result<i32> {
    // SAFETY: with one thread no lock can be held by another one, so that the child may do anything.
    match unsafe { libc::fork() } {
        -1 => Err(Error::last_os_error()),
        0 => run_and_exit(body),
        pid => Ok(pid),
    }
}

/// Like [`fork`], but the child's parent is the caller's parent, and it lives in the new `namespaces` (`CLONE_NEW*`).
pub(crate) fn clone_sibling(namespaces: c_int, body: impl FnOnce()) -> Result<()> {
    let flags = (namespaces | libc::CLONE_PARENT) as u64;
    clone3(&CloneArgs { flags, ..CloneArgs::default() }, body).map(drop)
}

/// Like [`fork`], but the child is in the cgroup of version 2 whose directory is given.
pub(crate) fn fork_into(cgroup: impl AsFd, body: impl FnOnce()) -> Result<i32> {
    // Does not fit into the type that libc gives it.
    const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
    let cgroup = cgroup.as_fd().as_raw_fd() as u64;
    clone3(
        &CloneArgs { flags: CLONE_INTO_CGROUP, exit_signal: libc::SIGCHLD as u64, cgroup, ..CloneArgs::default() },
        body,
    )
}

/// `struct clone_args` of `<linux/sched.h>`.
#[repr(C)]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

fn clone3(arguments: &CloneArgs, body: impl FnOnce()) -> Result<i32> {
    // SAFETY: `arguments` is as long as said, and without CLONE_VM this is a fork; as for one thread, see `fork`.
    match unsafe { libc::syscall(libc::SYS_clone3, std::ptr::from_ref(arguments), size_of::<CloneArgs>()) } {
        -1 => Err(Error::last_os_error()),
        0 => run_and_exit(body),
        pid => Ok(pid as i32),
    }
}

/// Waits for a child's end, however it ends.
pub(crate) fn wait_for(pid: i32) {
    let pid = nix::unistd::Pid::from_raw(pid);
    while nix::sys::wait::waitpid(pid, None) == Err(nix::errno::Errno::EINTR) {}
}

/// Ends the process at once: no destructor of what was forked along runs.
pub(crate) fn exit(code: c_int) -> ! {
    // SAFETY: always sound.
    unsafe { libc::_exit(code) }
}

fn run_and_exit(body: impl FnOnce()) -> ! {
    // An unwinding child would run the parent's code a second time.
    let code = catch_unwind(AssertUnwindSafe(body)).is_err();
    exit(c_int::from(code))
}

/// Closes every file descriptor from 3 on but those in `keep`.
pub(crate) fn close_all_but(keep: &[BorrowedFd]) -> Result<()> {
    let mut keep: Vec<RawFd> = keep.iter().map(AsRawFd::as_raw_fd).filter(|&fd| fd > 2).collect();
    keep.sort_unstable();
    let mut first = 3;
    for fd in keep {
        if fd > first {
            close_range(first, fd - 1, 0)?;
        }
        first = fd + 1;
    }
    close_range(first, RawFd::MAX, 0)
}

/// Marks every file descriptor from 3 on to be closed on `execve`.
pub(crate) fn close_all_on_exec() -> Result<()> {
    close_range(3, RawFd::MAX, libc::CLOSE_RANGE_CLOEXEC as c_int)
}

fn close_range(first: RawFd, last: RawFd, flags: c_int) -> Result<()> {
    // SAFETY: takes numbers only. That nobody uses a closed one is for the callers, who are about to exit or to exec.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) }).map(drop)
}

/// `struct mount_attr` of `<linux/mount.h>`, which libc lacks.
#[repr(C)]
#[derive(Default)]
struct MountAttr {
    attr_set: u64,
    attr_clr: u64,
    propagation: u64,
    userns_fd: u64,
}

/// Sets and clears attributes (`MOUNT_ATTR_*`) of a mount, and of those below it if `recursive`.
pub(crate) fn mount_setattr(
    mount: impl AsFd,
    recursive: bool,
    set: MountAttrFlags,
    clear: MountAttrFlags,
) -> Result<()> {
    set_attributes(
        mount.as_fd(),
        recursive,
        &MountAttr { attr_set: set.bits().into(), attr_clr: clear.bits().into(), ..MountAttr::default() },
    )
}

/// Says whether what is mounted below a mount goes to others, or comes from them.
pub(crate) fn set_propagation(mount: impl AsFd, propagation: MountPropagationFlags) -> Result<()> {
    set_attributes(mount.as_fd(), false, &MountAttr { propagation: propagation.bits().into(), ..MountAttr::default() })
}

/// Shifts the owners of a detached mount's files by a user namespace's mapping.
pub(crate) fn mount_idmap(mount: impl AsFd, recursive: bool, user_namespace: impl AsFd) -> Result<()> {
    let userns_fd = user_namespace.as_fd().as_raw_fd() as u64;
    let attr_set = MountAttrFlags::MOUNT_ATTR_IDMAP.bits().into();
    let attributes = MountAttr { attr_set, userns_fd, ..MountAttr::default() };
    set_attributes(mount.as_fd(), recursive, &attributes)
}

fn set_attributes(mount: BorrowedFd, recursive: bool, attributes: &MountAttr) -> Result<()> {
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is a string with its end, and `attributes` is as long as said.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            std::ptr::from_ref(attributes),
            size_of::<MountAttr>(),
        )
    })
    .map(drop)
}

/// Replaces what `ps` shows of the caller's command line, which it has of the server: that has paths of the machine.
pub(crate) fn set_command_line(name: &str) -> Result<()> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // proc(5): `arg_start` and `arg_end` are fields 48 and 49; the second one is in brackets, and the third comes after it.
    let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(45);
    let mut field = || fields.next().and_then(|field| field.parse::<usize>().ok());
    let (Some(start), Some(end)) = (field(), field()) else {
        return Err(Error::other("/proc/self/stat doesn't say where the command line is"));
    };
    let length = end.saturating_sub(start);
    let kept = name.len().min(length.saturating_sub(1));
    // SAFETY: the kernel says that the command line is there, on the stack, where it is writable; nobody refers to it: the one
    // thread is forked, and has read its arguments long since.
    unsafe {
        std::ptr::write_bytes(start as *mut u8, 0, length);
        std::ptr::copy_nonoverlapping(name.as_ptr(), start as *mut u8, kept);
    }
    Ok(())
}

/// Every signal does what it does by default, and none is blocked: neither is reset by `execve`.
pub(crate) fn reset_signals() -> Result<()> {
    // The kernel's `struct sigaction`: handler, flags, restorer and mask. libc's own calls refuse the two signals that it
    // uses itself, and that a parent may have ignored all the same.
    let default = [0_u64; 4];
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: the kernel reads `default`, and the default action is no code of ours. It fails for KILL and STOP, which
        // have it anyway.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), std::ptr::null_mut::<u64>(), 8) };
    }
    nix::sys::signal::SigSet::empty().thread_set_mask().map_err(Error::from)
}

/// Children that end are reaped by the kernel.
pub(crate) fn ignore_children() {
    // SAFETY: ignoring is no code of ours.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
}

/// What the keyboard and a closing terminal send to a server isn't meant for what it leaves running.
pub(crate) fn ignore_keyboard_signals() -> Result<()> {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: ignoring is no code of ours.
        if unsafe { libc::signal(signal, libc::SIG_IGN) } == libc::SIG_ERR {
            return Err(Error::last_os_error());
        }
    }
    Ok(())
}

/// Installs a filter of system calls for the calling thread.
pub(crate) fn install_seccomp(program: &[libc::sock_filter], flags: libc::c_ulong) -> Result<()> {
    let filter = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(|_| Error::from_raw_os_error(libc::E2BIG))?,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel reads `len` instructions at `filter`, and checks them.
    check(unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const filter) })
        .map(drop)
}

/// Leaves the session keyring that was inherited for an empty one. A kernel without keyrings has nothing to leave.
pub(crate) fn new_session_keyring() -> Result<()> {
    const KEYCTL_JOIN_SESSION_KEYRING: c_int = 1;
    // SAFETY: a null name asks for an anonymous keyring.
    match check(unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) }) {
        Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => Ok(()),
        other => other.map(drop),
    }
}

/// The network namespace that a socket was made in.
pub(crate) fn network_namespace_of(socket: impl AsFd) -> Result<OwnedFd> {
    const SIOCGSKNS: libc::c_ulong = 0x894c;
    // SAFETY: takes no argument; the fd that it answers is new and ours.
    unsafe {
        let fd = check(libc::ioctl(socket.as_fd().as_raw_fd(), SIOCGSKNS as _).into())?;
        Ok(OwnedFd::from_raw_fd(fd as RawFd))
    }
}

/// Brings the loopback interface of `socket`'s network namespace up.
pub(crate) fn loopback_up(socket: impl AsFd) -> Result<()> {
    // SAFETY: all bytes zero is a value of `ifreq`, the flags are the part of its union that SIOCSIFFLAGS reads.
    unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
            *to = *from as libc::c_char;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        check(libc::ioctl(socket.as_fd().as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request).into()).map(drop)
    }
}

/// Number of a loop device that is free: until somebody else takes it.
pub(crate) fn free_loop_device(control: impl AsFd) -> Result<u32> {
    const LOOP_CTL_GET_FREE: libc::c_ulong = 0x4c82;
    // SAFETY: takes no argument.
    let number = check(unsafe { libc::ioctl(control.as_fd().as_raw_fd(), LOOP_CTL_GET_FREE as _) }.into())?;
    u32::try_from(number).map_err(Error::other)
}

/// `struct loop_config` of `<linux/loop.h>`, with the `struct loop_info64` that it contains.
#[repr(C)]
struct LoopConfig {
    fd: u32,
    block_size: u32,
    device_inode_rdevice_offset_sizelimit: [u64; 5],
    number_encryption: [u32; 3],
    flags: u32,
    names_and_key: [u8; 160],
    init: [u64; 2],
    reserved: [u64; 8],
}

/// Puts a file behind a loop device, until nobody has the device open or mounted any more.
pub(crate) fn attach_loop_device(device: impl AsFd, file: impl AsFd) -> Result<()> {
    const LOOP_CONFIGURE: libc::c_ulong = 0x4c0a;
    const LO_FLAGS_AUTOCLEAR: u32 = 4;
    let config = LoopConfig {
        fd: file.as_fd().as_raw_fd().unsigned_abs(),
        block_size: 0,
        device_inode_rdevice_offset_sizelimit: [0; 5],
        number_encryption: [0; 3],
        flags: LO_FLAGS_AUTOCLEAR,
        names_and_key: [0; 160],
        init: [0; 2],
        reserved: [0; 8],
    };
    // SAFETY: the kernel reads a `struct loop_config`, which `config` is.
    check(unsafe { libc::ioctl(device.as_fd().as_raw_fd(), LOOP_CONFIGURE as _, &raw const config) }.into()).map(drop)
}

/// Makes a terminal the controlling one of the calling session leader.
pub(crate) fn set_controlling_terminal(terminal: impl AsFd) -> Result<()> {
    // SAFETY: takes a number.
    check(unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCSCTTY as _, 0) }.into()).map(drop)
}

/// What of the bytes written to a unix socket its peer has not read yet, as the memory that they take; 0 once all are read.
pub fn unread_by_peer(socket: impl AsFd) -> Result<usize> {
    let mut unread: c_int = 0;
    // SAFETY: SIOCOUTQ, which has the number of TIOCOUTQ, writes an `int`, which `unread` is.
    check(unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), libc::TIOCOUTQ as _, &raw mut unread) }.into())?;
    usize::try_from(unread).map_err(Error::other)
}

fn check(result: libc::c_long) -> Result<libc::c_long> {
    if result == -1 { Err(Error::last_os_error()) } else { Ok(result) }
}
