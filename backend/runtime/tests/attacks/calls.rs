//! System calls that a container has no business with.

#![allow(unsafe_code, reason = "attacks are made with bare system calls")]

use super::Attack;
use libc::{c_int, c_long};
use std::io::{self, Error};

/// Denied by the default filter, whatever rights the caller has.
pub(crate) const ALL: &[Attack] = &[
    ("io_uring_setup", || denied(libc::SYS_io_uring_setup, [8, scratch(), 0, 0, 0])),
    ("userfaultfd", || denied(libc::SYS_userfaultfd, [0; 5])),
    ("add_key", || denied(libc::SYS_add_key, [text(b"user\0"), text(b"x\0"), text(b"x\0"), 1, -3])),
    ("keyctl, the session's keyring", || denied(libc::SYS_keyctl, [0, -3, 1, 0, 0])),
    ("request_key", || denied(libc::SYS_request_key, [text(b"user\0"), text(b"x\0"), 0, -3, 0])),
    ("unshare(CLONE_NEWUSER)", || denied(libc::SYS_unshare, [libc::CLONE_NEWUSER.into(), 0, 0, 0, 0])),
    ("unshare(CLONE_NEWNS)", || denied(libc::SYS_unshare, [libc::CLONE_NEWNS.into(), 0, 0, 0, 0])),
    ("unshare(CLONE_NEWCGROUP), CVE-2022-0492", || {
        denied(libc::SYS_unshare, [libc::CLONE_NEWCGROUP.into(), 0, 0, 0, 0])
    }),
    ("clone(CLONE_NEWUSER)", || new_user_namespace_by_clone()),
    ("clone3", || denied(libc::SYS_clone3, [scratch(), 88, 0, 0, 0])),
    ("mount", || denied(libc::SYS_mount, [text(b"x\0"), text(b"/tmp\0"), text(b"tmpfs\0"), 0, 0])),
    ("umount2", || denied(libc::SYS_umount2, [text(b"/proc/acpi\0"), 0, 0, 0, 0])),
    ("fsopen, CVE-2022-0185", || denied(libc::SYS_fsopen, [text(b"tmpfs\0"), 0, 0, 0, 0])),
    ("open_tree(OPEN_TREE_CLONE)", || denied(libc::SYS_open_tree, [-100, text(b"/\0"), 1, 0, 0])),
    ("pivot_root", || denied(libc::SYS_pivot_root, [text(b"/\0"), text(b"/\0"), 0, 0, 0])),
    ("setns", || denied(libc::SYS_setns, [0, 0, 0, 0, 0])),
    ("kcmp", || denied(libc::SYS_kcmp, [1, 1, 0, 0, 0])),
];

/// Denied below every filter, and where there is none.
pub(crate) const FLOOR: &[Attack] = &[
    ("socket(AF_ALG), CVE-2026-31431", || socket(38)),
    ("socket(AF_VSOCK)", || socket(40)),
    ("socket(AF_RXRPC), CVE-2026-43284", || socket(33)),
    ("socket(AF_KEY)", || socket(15)),
    ("socket(AF_TIPC)", || socket(30)),
    ("perf_event_open", || denied(libc::SYS_perf_event_open, [scratch(), 0, -1, -1, 0])),
    ("bpf", || denied(libc::SYS_bpf, [0, scratch(), 48, 0, 0])),
    ("open_by_handle_at", || denied(libc::SYS_open_by_handle_at, [-100, scratch(), 0, 0, 0])),
    ("lookup_dcookie", || denied(libc::SYS_lookup_dcookie, [0, scratch(), 8, 0, 0])),
    ("a call of a 32-bit program", call_of_32_bits),
];

/// Denied by the kernel to whoever is not the machine's root.
pub(crate) const PRIVILEGED: &[Attack] = &[
    ("init_module", || call(libc::SYS_init_module, [scratch(), 64, text(b"\0"), 0, 0])),
    ("finit_module", || call(libc::SYS_finit_module, [0, text(b"\0"), 0, 0, 0])),
    ("delete_module", || call(libc::SYS_delete_module, [text(b"overlay\0"), 0, 0, 0, 0])),
    ("kexec_load", || call(libc::SYS_kexec_load, [0; 5])),
    ("swapon", || call(libc::SYS_swapon, [text(b"/attacker\0"), 0, 0, 0, 0])),
    ("acct", || call(libc::SYS_acct, [text(b"/attacker\0"), 0, 0, 0, 0])),
    ("quotactl", || call(libc::SYS_quotactl, [0, text(b"/\0"), 0, scratch(), 0])),
    ("settimeofday", || call(libc::SYS_settimeofday, [text(&[0; 16]), 0, 0, 0, 0])),
    ("clock_settime", || call(libc::SYS_clock_settime, [0, text(&[0; 16]), 0, 0, 0])),
    ("clearing the kernel's log", || call(libc::SYS_syslog, [5, 0, 0, 0, 0])),
    ("bpf, a program in the kernel", load_kprobe),
    ("a limit above the machine's", raise_limit),
    ("priority above the others'", || call(libc::SYS_setpriority, [0, 0, -20, 0, 0])),
    ("realtime", || call(libc::SYS_sched_setscheduler, [0, 1, text(&[1, 0, 0, 0]), 0, 0])),
    ("a disk by its number", || {
        call(libc::SYS_mknodat, [-100, text(b"/tmp/disk\0"), (libc::S_IFBLK | 0o600).into(), 0xfe00, 0])
    }),
    ("memory by its number", || {
        call(libc::SYS_mknodat, [-100, text(b"/tmp/mem\0"), (libc::S_IFCHR | 0o600).into(), 0x101, 0])
    }),
    ("ports", || call_of_x86(PORTS)),
];

#[cfg(target_arch = "x86_64")]
const PORTS: c_long = libc::SYS_iopl;
#[cfg(not(target_arch = "x86_64"))]
const PORTS: c_long = -1;

/// As [`call`], with 3; nothing where there are no ports.
fn call_of_x86(number: c_long) -> io::Result<i64> {
    if number < 0 { Err(Error::from_raw_os_error(libc::ENOSYS)) } else { call(number, [3, 0, 0, 0, 0]) }
}

fn call(number: c_long, arguments: [i64; 5]) -> io::Result<i64> {
    let [a, b, c, d, e] = arguments;
    // SAFETY: what pointers there are among the arguments point to memory that lives as long as the program does.
    match unsafe { libc::syscall(number, a, b, c, d, e, 0) } {
        -1 => Err(Error::last_os_error()),
        value => Ok(value),
    }
}

/// A call that the filter answers: an error that only comes of wrong arguments is no denial.
fn denied(number: c_long, arguments: [i64; 5]) -> io::Result<i64> {
    match call(number, arguments) {
        Err(error) if !matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOSYS)) => {
            Ok(error.raw_os_error().unwrap_or_default().into())
        }
        other => other,
    }
}

fn socket(family: c_int) -> io::Result<i64> {
    for kind in [libc::SOCK_STREAM, libc::SOCK_DGRAM, libc::SOCK_RAW, libc::SOCK_SEQPACKET] {
        // A family that this kernel doesn't have is no attack that was fended off.
        if let Ok(value) = denied(libc::SYS_socket, [family.into(), kind.into(), 0, 0, 0]) {
            return Ok(value);
        }
    }
    Err(Error::from_raw_os_error(libc::EPERM))
}

/// `clone` with a stack of its own would be needed to do anything with it; to be refused, none is.
fn new_user_namespace_by_clone() -> io::Result<i64> {
    let flags = i64::from(libc::CLONE_NEWUSER | libc::SIGCHLD);
    match call(libc::SYS_clone, [flags, 0, 0, 0, 0]) {
        // SAFETY: the child, which must not be, ends at once.
        Ok(0) => unsafe { libc::_exit(0) },
        other => other,
    }
}

/// `BPF_PROG_LOAD` of a `BPF_PROG_TYPE_KPROBE` with two instructions: `r0 = 0; exit`.
fn load_kprobe() -> io::Result<i64> {
    const PROGRAM: [u8; 16] = [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];
    let mut attributes = [0_u8; 48];
    attributes[..4].copy_from_slice(&2_u32.to_ne_bytes());
    attributes[4..8].copy_from_slice(&2_u32.to_ne_bytes());
    attributes[8..16].copy_from_slice(&(PROGRAM.as_ptr() as u64).to_ne_bytes());
    attributes[16..24].copy_from_slice(&(c"GPL".as_ptr() as u64).to_ne_bytes());
    call(libc::SYS_bpf, [5, attributes.as_ptr() as i64, 48, 0, 0])
}

fn raise_limit() -> io::Result<i64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is written to for the length of the call.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    limit.rlim_max += 1;
    // SAFETY: `limit` is read for the length of the call.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } {
        0 => Ok(0),
        _ => Err(Error::last_os_error()),
    }
}

/// `int 0x80` reaches the calls of 32-bit programs, `socketcall` among them, whose arguments a filter can't see.
fn call_of_32_bits() -> io::Result<i64> {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: the harness has one thread, and the child does nothing but the call.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let mut answer: i64 = 20; // getpid
            // SAFETY: `getpid` touches no memory.
            unsafe {
                std::arch::asm!("int 0x80", inout("rax") answer);
                libc::_exit(i32::from(answer < 0));
            }
        }
        let mut status = 0;
        // SAFETY: `status` is written to for the length of the call.
        unsafe { libc::waitpid(child, &mut status, 0) };
        if libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0 {
            return Ok(0);
        }
    }
    Err(Error::from_raw_os_error(libc::EPERM))
}

/// A pointer to 4096 bytes of zero.
fn scratch() -> i64 {
    static ZERO: [u8; 4096] = [0; 4096];
    ZERO.as_ptr() as i64
}

fn text(bytes: &'static [u8]) -> i64 {
    bytes.as_ptr() as i64
}
