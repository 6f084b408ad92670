//! The filter that containers get by default: Docker's (moby/profiles), resolved for a container's capabilities.
//!
//! It differs in this: sockets are of listed families only (Docker lists those that it denies), and programs of 32 bits
//! are not let in at all (see [`super::floor`]).

use oci_spec::runtime::{
    Capability, LinuxSeccomp, LinuxSeccompAction, LinuxSeccompArgBuilder, LinuxSeccompOperator, LinuxSyscall,
};

/// Docker's default filter for a container with these capabilities in its bounding set.
pub fn default_profile(capabilities: &[Capability]) -> LinuxSeccomp {
    let has = |capability| capabilities.contains(&capability);
    let mut rules = vec![allow(ALLOWED)];
    for &(capability, names) in WITH_CAPABILITY {
        if has(capability) {
            rules.push(allow(names));
        }
    }
    // Values of the first argument, one rule each: any of them will do.
    for family in [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK] {
        rules.extend(allow_if("socket", equal(family as u64)));
    }
    if has(Capability::NetRaw) {
        rules.extend(allow_if("socket", equal(libc::AF_PACKET as u64)));
    }
    for persona in [0, 0x0008, 0x20000, 0x20008, 0xffff_ffff] {
        rules.extend(allow_if("personality", equal(persona)));
    }
    if !has(Capability::SysAdmin) {
        rules.extend(allow_if("clone", without(NEW_NAMESPACES)));
        // Its flags are in memory, where a filter can't look: libc falls back to clone.
        let mut rule = rule("clone3", LinuxSeccompAction::ScmpActErrno);
        rule.set_errno_ret(Some(libc::ENOSYS as u32));
        rules.push(rule);
    }
    let mut profile = LinuxSeccomp::default();
    profile.set_default_action(LinuxSeccompAction::ScmpActErrno);
    profile.set_default_errno_ret(Some(libc::EPERM as u32));
    profile.set_syscalls(Some(rules));
    profile
}

/// `CLONE_NEW*`, without `CLONE_NEWTIME`, whose bit means something else to `clone`.
const NEW_NAMESPACES: u64 = 0x7e02_0000;

fn allow(names: &str) -> LinuxSyscall {
    rule(names, LinuxSeccompAction::ScmpActAllow)
}

/// A rule that could not be built would be missing: what it allows stays denied.
fn allow_if(name: &str, argument: LinuxSeccompArgBuilder) -> Option<LinuxSyscall> {
    let mut rule = allow(name);
    rule.set_args(Some(vec![argument.build().ok()?]));
    Some(rule)
}

fn rule(names: &str, action: LinuxSeccompAction) -> LinuxSyscall {
    let mut rule = LinuxSyscall::default();
    rule.set_names(names.split_whitespace().map(str::to_owned).collect());
    rule.set_action(action);
    rule
}

/// The first argument equals `value`.
fn equal(value: u64) -> LinuxSeccompArgBuilder {
    LinuxSeccompArgBuilder::default().index(0usize).op(LinuxSeccompOperator::ScmpCmpEq).value(value)
}

/// None of the first argument's bits in `mask` is set.
fn without(mask: u64) -> LinuxSeccompArgBuilder {
    equal(mask).op(LinuxSeccompOperator::ScmpCmpMaskedEq).value_two(0u64)
}

const ALLOWED: &str = "
    accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown clock_adjtime
    clock_getres clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3
    epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old
    eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fanotify_mark
    fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fork
    fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv
    futex_wake futimesat getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer
    getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit
    get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid gettimeofday getuid
    getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel ioctl
    io_destroy io_getevents io_pgetevents ioprio_get ioprio_set io_setup io_submit kill landlock_add_rule
    landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat listen listmount listxattr
    listxattrat llistxattr lremovexattr lseek lsetxattr lstat madvise map_shadow_stack membarrier
    memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mprotect
    mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv
    msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause
    pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64
    preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev pwritev2 read readahead readlink
    readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr removexattrat rename renameat
    renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
    rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_getaffinity sched_getattr
    sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval
    sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl
    semget semop semtimedop sendfile sendmmsg sendmsg sendto setfsgid setfsuid setgid setgroups setitimer
    setpgid setpriority setregid setresgid setresuid setreuid setrlimit set_robust_list setsid setsockopt
    set_thread_area set_tid_address setuid setxattr setxattrat shmat shmctl shmdt shmget shutdown
    sigaltstack signalfd signalfd4 socketpair splice stat statfs statmount statx symlink symlinkat sync
    sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime
    timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink
    unlinkat utime utimensat utimes vfork vmsplice wait4 waitid write writev ptrace process_vm_readv
    process_vm_writev
    arch_prctl modify_ldt uretprobe";

/// What else a capability is good for.
const WITH_CAPABILITY: &[(Capability, &str)] = &[
    (Capability::DacReadSearch, "open_by_handle_at"),
    (
        Capability::SysAdmin,
        "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr
        lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl
        quotactl_fd setdomainname sethostname setns syslog umount2 unshare",
    ),
    (Capability::SysBoot, "reboot"),
    (Capability::SysChroot, "chroot"),
    (Capability::SysModule, "delete_module init_module finit_module"),
    (Capability::SysPacct, "acct"),
    (Capability::SysPtrace, "kcmp pidfd_getfd process_madvise"),
    (Capability::SysRawio, "iopl ioperm"),
    (Capability::SysTime, "settimeofday clock_settime"),
    (Capability::SysTtyConfig, "vhangup"),
    (Capability::SysNice, "get_mempolicy mbind move_pages set_mempolicy set_mempolicy_home_node"),
    (Capability::Syslog, "syslog"),
    (Capability::Bpf, "bpf"),
    (Capability::Perfmon, "perf_event_open"),
];
