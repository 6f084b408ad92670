//! `docker-init`: the first process of a container that was asked for with `--init`.
//!
//! Runs the command that it is given after `--`, hands on every signal that it gets, reaps all orphans, and ends with the
//! command's exit code: what tini does. Without Rust's runtime, of which there would be a copy in every such container.
#![no_std]
#![no_main]

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

/// `sigset_t` of libc; the kernel uses the first word.
#[repr(C)]
struct SignalSet([u64; 16]);

// SAFETY: declared as libc has them on 64-bit Linux.
unsafe extern "C" {
    fn sigfillset(set: *mut SignalSet) -> c_int;
    fn sigdelset(set: *mut SignalSet, signal: c_int) -> c_int;
    fn sigprocmask(how: c_int, set: *const SignalSet, old: *mut SignalSet) -> c_int;
    fn sigwaitinfo(set: *const SignalSet, info: *mut c_void) -> c_int;
    fn signal(signal: c_int, handler: usize) -> usize;
    fn fork() -> c_int;
    fn getpid() -> c_int;
    fn setpgid(pid: c_int, group: c_int) -> c_int;
    fn tcsetpgrp(fd: c_int, group: c_int) -> c_int;
    fn execvp(file: *const c_char, arguments: *const *const c_char) -> c_int;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn __errno_location() -> *mut c_int;
    fn strerror(error: c_int) -> *const c_char;
    fn write(fd: c_int, text: *const c_void, length: usize) -> isize;
    fn _exit(code: c_int) -> !;
}

const SIG_SETMASK: c_int = 2;
const SIG_DFL: usize = 0;
const SIG_IGN: usize = 1;
const WNOHANG: c_int = 1;
const SIGCHLD: c_int = 17;
const SIGTTIN: c_int = 21;
const SIGTTOU: c_int = 22;
const ENOENT: c_int = 2;
const EACCES: c_int = 13;
/// Those of a fault of one's own: ABRT, BUS, FPE, ILL, SEGV, SYS, TRAP. To wait for them would hide it.
const FAULTS: [c_int; 7] = [6, 7, 8, 4, 11, 31, 5];

#[unsafe(no_mangle)]
extern "C" fn main(count: c_int, arguments: *const *const c_char) -> c_int {
    // `docker-init -- command…`
    if count < 3 {
        say(b"docker-init: there is no command to run\n");
        return 1;
    }
    // SAFETY: there are `count` arguments, and a null one after them.
    let command = unsafe { arguments.add(2) };
    let (mut waited, mut before) = (SignalSet([0; 16]), SignalSet([0; 16]));
    // SAFETY: the sets live until the end, and nothing else is written to.
    unsafe {
        sigfillset(&mut waited);
        for kept in FAULTS.into_iter().chain([SIGTTIN, SIGTTOU]) {
            sigdelset(&mut waited, kept);
        }
        sigprocmask(SIG_SETMASK, &waited, &mut before);
        // Giving the terminal away would stop us otherwise.
        signal(SIGTTIN, SIG_IGN);
        signal(SIGTTOU, SIG_IGN);
    }
    // SAFETY: this process has one thread.
    match unsafe { fork() } {
        0 => become_command(command, &before),
        child if child > 0 => supervise(child, &waited),
        _ => {
            say(b"docker-init: no process can be made for the command\n");
            1
        }
    }
}

/// In a process group of its own, in the foreground if there is a terminal: what the keyboard sends is for the command.
fn become_command(command: *const *const c_char, signals: &SignalSet) -> ! {
    // SAFETY: `command` is a list of strings with a null pointer at its end.
    unsafe {
        setpgid(0, 0);
        tcsetpgrp(0, getpid());
        signal(SIGTTIN, SIG_DFL);
        signal(SIGTTOU, SIG_DFL);
        sigprocmask(SIG_SETMASK, signals, ptr::null_mut());
        execvp(*command, command);
    }
    // SAFETY: the errno is this thread's, its text a string that stays.
    let (error, why) = unsafe { (*__errno_location(), CStr::from_ptr(strerror(*__errno_location()))) };
    // SAFETY: there is a first string, or nothing would have been executed.
    let name = unsafe { CStr::from_ptr(*command) };
    // The words of tini, which Docker's is.
    say(b"[FATAL tini (");
    // SAFETY: always sound.
    say_number(unsafe { getpid() });
    for part in [b")] exec ", name.to_bytes(), b" failed: ", why.to_bytes(), b"\n"] {
        say(part);
    }
    let code = match error {
        ENOENT => 127,
        EACCES => 126,
        _ => 1,
    };
    // SAFETY: always sound.
    unsafe { _exit(code) }
}

/// Until `child` has ended; answers its code, 128 and the signal for a killed one.
fn supervise(child: c_int, waited: &SignalSet) -> c_int {
    loop {
        // SAFETY: the set is one; no details of the signal are asked for.
        let signal = unsafe { sigwaitinfo(waited, ptr::null_mut()) };
        if signal > 0 && signal != SIGCHLD {
            // SAFETY: the child has not been reaped: the number is still its own.
            unsafe { kill(child, signal) };
            continue;
        }
        let mut status = 0;
        loop {
            // SAFETY: `status` is written to.
            match unsafe { waitpid(-1, &mut status, WNOHANG) } {
                pid if pid == child => {
                    let signal = status & 0x7f;
                    return if signal == 0 { status >> 8 & 0xff } else { 128 + signal };
                }
                pid if pid <= 0 => break,
                _ => {}
            }
        }
    }
}

fn say_number(number: c_int) {
    if number > 9 {
        say_number(number / 10);
    }
    say(&[b'0' + (number % 10).unsigned_abs() as u8]);
}

fn say(text: &[u8]) {
    // SAFETY: so many bytes are there.
    unsafe { write(2, text.as_ptr().cast(), text.len()) };
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // SAFETY: always sound.
    unsafe { _exit(125) }
}
