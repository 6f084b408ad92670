#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(unsafe_code, reason = "calls of the system with arguments that no library would make")]
use super::rules::{Condition, Operator, Rule};
use super::*;
use crate::defaults;
use libc::c_long;
use nix::sys::wait::{WaitStatus, waitpid};
use oci_spec::runtime::Capability;
use std::collections::BTreeMap;

const YES: u32 = libc::SECCOMP_RET_ALLOW;
const NO: u32 = libc::SECCOMP_RET_ERRNO | 1;

#[test]
fn every_operator_compares_64_bits() {
    let values = [0, 1, 5, 6, u64::from(u32::MAX), 1 << 32, (1 << 32) + 5, (5 << 32) + 6, u64::MAX - 1, u64::MAX];
    type Compare = fn(u64, u64) -> bool;
    let operators: [(Operator, Compare); 7] = [
        (Operator::NotEqual, |a, b| a != b),
        (Operator::Less, |a, b| a < b),
        (Operator::LessOrEqual, |a, b| a <= b),
        (Operator::Equal, |a, b| a == b),
        (Operator::GreaterOrEqual, |a, b| a >= b),
        (Operator::Greater, |a, b| a > b),
        (Operator::MaskedEqual { mask: 0x5_0000_0006 }, |a, b| a & 0x5_0000_0006 == b),
    ];
    for (operator, compare) in operators {
        for value in values {
            let rule = Rule { conditions: vec![Condition { argument: 2, operator, value }], action: YES };
            let program = program::assemble(&BTreeMap::from([(7, vec![rule])]), NO);
            for argument in values {
                let expected = if compare(argument, value) { YES } else { NO };
                let found = run(&program, 7, [0, 0, argument, 0, 0, 0]);
                assert_eq!(found, expected, "{argument:#x} {operator:?} {value:#x}");
            }
        }
    }
}

#[test]
fn all_conditions_of_a_rule_and_any_rule_of_a_call() {
    let equal = |argument, value| Condition { argument, operator: Operator::Equal, value };
    let rules = vec![
        Rule { conditions: vec![equal(0, 1), equal(1, 2), equal(5, 3)], action: YES },
        Rule { conditions: vec![equal(0, 9)], action: YES },
    ];
    let program = program::assemble(&BTreeMap::from([(3, rules)]), NO);
    let cases =
        [([1, 2, 0, 0, 0, 3], YES), ([1, 2, 0, 0, 0, 4], NO), ([0, 2, 0, 0, 0, 3], NO), ([9, 0, 0, 0, 0, 0], YES)];
    for (arguments, expected) in cases {
        assert_eq!(run(&program, 3, arguments), expected, "{arguments:?}");
    }
}

#[test]
fn every_call_gets_its_own_answer() {
    // Each third call; enough of them that jumps are longer than 255.
    let rule = |number: u32| vec![Rule { conditions: Vec::new(), action: libc::SECCOMP_RET_ERRNO | (number & 0xfff) }];
    let rules: BTreeMap<u32, Vec<Rule>> = (1..1500).step_by(3).map(|number| (number, rule(number))).collect();
    let program = program::assemble(&rules, YES);
    for number in 0..1600 {
        let expected = rules.get(&number).map_or(YES, |rules| rules[0].action);
        assert_eq!(run(&program, number, [0; 6]), expected, "{number}");
    }
    assert_eq!(run(&program, u32::MAX >> 2, [0; 6]), YES);
    if cfg!(target_arch = "x86_64") {
        assert_eq!(run(&program, 0x4000_0000, [0; 6]), libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32, "x32");
    }
}

#[test]
fn the_strictest_rule_holds() {
    let text = r#"{"defaultAction": "SCMP_ACT_LOG", "syscalls": [
        {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5, "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
        {"names": ["no_such_call"], "action": "SCMP_ACT_ALLOW"}]}"#;
    let filter = Filter::compile(&serde_json::from_str(text).unwrap()).unwrap();
    let read = libc::SYS_read as u32;
    assert_eq!(run(&filter.program, read, [1, 0, 0, 0, 0, 0]), libc::SECCOMP_RET_ERRNO | 5);
    assert_eq!(run(&filter.program, read, [2, 0, 0, 0, 0, 0]), YES);
    assert_eq!(run(&filter.program, libc::SYS_write as u32, [0; 6]), libc::SECCOMP_RET_LOG);

    let denies_unknown = text.replace(r#""SCMP_ACT_ALLOW"}]"#, r#""SCMP_ACT_ERRNO"}]"#);
    assert!(Filter::compile(&serde_json::from_str(&denies_unknown).unwrap()).is_err());
}

#[test]
fn the_default_filter_denies_what_dockers_denies() {
    let without_raw: Vec<_> = defaults::CAPABILITIES.into_iter().filter(|&one| one != Capability::NetRaw).collect();
    let default = |call, arguments| errno(&defaults::CAPABILITIES, call, arguments);
    assert_eq!(default(libc::SYS_getpid, [0; 3]), 0);
    assert_eq!(default(libc::SYS_unshare, [libc::CLONE_NEWUSER.into(), 0, 0]), libc::EPERM);
    assert_eq!(default(libc::SYS_clone, [(libc::CLONE_NEWUSER | libc::SIGCHLD).into(), 0, 0]), libc::EPERM);
    assert_eq!(default(libc::SYS_clone3, [0; 3]), libc::ENOSYS);
    for call in [libc::SYS_keyctl, libc::SYS_io_uring_setup, libc::SYS_bpf, libc::SYS_mount, libc::SYS_fsconfig] {
        assert_eq!(default(call, [0; 3]), libc::EPERM, "{call}");
    }
    let socket = |family| default(libc::SYS_socket, [family, libc::SOCK_DGRAM.into(), 0]);
    for family in [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK] {
        let denied = socket(family.into()) == libc::EPERM;
        assert!(!denied, "family {family}");
    }
    for family in [libc::AF_ALG, libc::AF_VSOCK, libc::AF_RXRPC, libc::AF_KEY, libc::AF_BLUETOOTH] {
        assert_eq!(socket(family.into()), libc::EPERM, "family {family}");
        // The kernel takes the lower half only: the upper must not open a way.
        assert_eq!(socket(c_long::from(family) | 1 << 32), libc::EPERM, "family {family} with a bit too many");
    }
    let packet = [libc::AF_PACKET.into(), libc::SOCK_RAW.into(), 0];
    assert_eq!(errno(&without_raw, libc::SYS_socket, packet), libc::EPERM);
    assert_eq!(errno(&defaults::CAPABILITIES, libc::SYS_socket, packet), 0);
    assert_eq!(errno(&[Capability::SysAdmin], libc::SYS_unshare, [0; 3]), 0);
}

#[test]
fn the_floor_is_below_every_profile() {
    let profile = |text: &str| Filter::compile(&serde_json::from_str(text).unwrap()).unwrap();
    let foreign = r#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["vm86", "query_module"], "action": "SCMP_ACT_ERRNO"}]}"#;
    let explicit = r#"{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["socket", "bpf", "read"], "action": "SCMP_ACT_ALLOW"}]}"#;
    for filter in [Filter::of(&Spec::default()).unwrap(), profile(foreign), profile(explicit)] {
        let socket = |family: u64| run(&filter.program, libc::SYS_socket as u32, [family, 0, 0, 0, 0, 0]);
        assert_eq!((socket(libc::AF_INET as u64), socket(libc::AF_PACKET as u64)), (YES, YES));
        for family in [libc::AF_ALG, libc::AF_VSOCK] {
            assert_eq!(socket(family as u64), NO);
        }
        assert_eq!(socket(libc::AF_INET as u64 | 1 << 32), NO);
        assert_eq!(run(&filter.program, libc::SYS_bpf as u32, [0; 6]), NO);
        assert_eq!(run(&filter.program, libc::SYS_read as u32, [0; 6]), YES);
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_of_32_bit_programs_kill() {
    let filter = Filter::compile(&default_profile(&defaults::CAPABILITIES)).unwrap();
    let pid = sys::fork(|| {
        filter.install().unwrap();
        // SAFETY: getpid by its 32-bit number, which touches no memory.
        unsafe { std::arch::asm!("int 0x80", inlateout("eax") 20 => _) };
    });
    let pid = nix::unistd::Pid::from_raw(pid.unwrap());
    assert!(matches!(waitpid(pid, None).unwrap(), WaitStatus::Signaled(_, nix::sys::signal::Signal::SIGSYS, _)));
}

/// What a call answers under the default filter, 0 for success.
fn errno(capabilities: &[Capability], call: c_long, arguments: [c_long; 3]) -> i32 {
    let filter = Filter::compile(&default_profile(capabilities)).unwrap();
    let pid = sys::fork(|| {
        filter.install().unwrap();
        let [a, b, c] = arguments;
        // SAFETY: null pointers are refused by the calls that take any; a process that is made ends at once as this one does.
        let failed = unsafe { libc::syscall(call, a, b, c) } == -1;
        sys::exit(if failed { std::io::Error::last_os_error().raw_os_error().unwrap() } else { 0 });
    });
    let pid = nix::unistd::Pid::from_raw(pid.unwrap());
    match waitpid(pid, None).unwrap() {
        WaitStatus::Exited(_, code) => code,
        other => panic!("{other:?}"),
    }
}

/// The kernel's machine, as far as our programs use it.
fn run(program: &[libc::sock_filter], number: u32, arguments: [u64; 6]) -> u32 {
    let mut data = Vec::from(number.to_le_bytes());
    data.extend(if cfg!(target_arch = "x86_64") { 0xc000_003e_u32 } else { 0xc000_00b7 }.to_le_bytes());
    data.extend([0; 8]);
    data.extend(arguments.iter().flat_map(|argument| argument.to_le_bytes()));
    let (mut at, mut value) = (0, 0_u32);
    loop {
        let step = program[at];
        at += 1;
        let (code, k) = (u32::from(step.code), step.k);
        let jump = |holds| usize::from(if holds { step.jt } else { step.jf });
        match code {
            _ if code == libc::BPF_LD | libc::BPF_W | libc::BPF_ABS => {
                value = u32::from_le_bytes(data[k as usize..][..4].try_into().unwrap());
            }
            _ if code == libc::BPF_ALU | libc::BPF_AND => value &= k,
            _ if code == libc::BPF_JMP | libc::BPF_JA => at += k as usize,
            _ if code == libc::BPF_JMP | libc::BPF_JEQ => at += jump(value == k),
            _ if code == libc::BPF_JMP | libc::BPF_JGE => at += jump(value >= k),
            _ if code == libc::BPF_JMP | libc::BPF_JGT => at += jump(value > k),
            _ if code == libc::BPF_RET => return k,
            other => panic!("{other:#x}"),
        }
    }
}
