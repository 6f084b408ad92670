//! Filters of system calls: from a spec's `linux.seccomp` to what the kernel runs.

mod calls;
mod default;

pub use default::default_profile;

use crate::process::failure::{Doing, Failure, Result, invalid};
use crate::sys;
use oci_spec::runtime::{
    LinuxSeccomp, LinuxSeccompAction, LinuxSeccompArg, LinuxSeccompFilterFlag, LinuxSeccompOperator, LinuxSyscall, Spec,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;

/// A compiled filter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Installed one after the other: of those that match a call, the strictest action holds.
    programs: Vec<Vec<libc::sock_filter>>,
    flags: libc::c_ulong,
}

impl Filter {
    /// Compiles a spec's filter; without one, all calls are let through.
    pub(crate) fn of(spec: &Spec) -> Result<Self> {
        match spec.linux().as_ref().and_then(|linux| linux.seccomp().as_ref()) {
            Some(profile) => Self::compile(profile),
            None => Ok(Self::default()),
        }
    }

    /// Holds for the calling process from now on.
    pub(crate) fn install(&self) -> Result<()> {
        for program in &self.programs {
            sys::install_seccomp(program, self.flags).doing(|| "installing the filter of system calls".into())?;
        }
        Ok(())
    }

    fn compile(profile: &LinuxSeccomp) -> Result<Self> {
        let default = action(profile.default_action(), profile.default_errno_ret())?;
        let mut passing = Rules::default();
        let mut by_action: Vec<(SeccompAction, Rules)> = Vec::new();
        for syscall in profile.syscalls().iter().flatten() {
            let action = action(syscall.action(), syscall.errno_ret())?;
            let listed = numbers(syscall, &action, &default)?;
            passing.add(&listed, syscall)?;
            if action != SeccompAction::Allow {
                let rules = match by_action.iter_mut().find(|(known, _)| *known == action) {
                    Some((_, rules)) => rules,
                    None => {
                        by_action.push((action, Rules::default()));
                        match by_action.last_mut() {
                            Some((_, rules)) => rules,
                            None => continue,
                        }
                    }
                };
                rules.add(&listed, syscall)?;
            }
        }
        // The first program lets through what any rule speaks of, the others are the rules that don't allow.
        let mut programs = Vec::new();
        if default != SeccompAction::Allow {
            programs.push(passing.program(default, SeccompAction::Allow)?);
        }
        for (action, rules) in by_action {
            programs.push(rules.program(SeccompAction::Allow, action)?);
        }
        Ok(Self { programs, flags: flags(profile)? })
    }
}

/// Conditions by the number of the call; a call without any matches whatever its arguments are.
#[derive(Debug, Default)]
struct Rules(BTreeMap<i64, Vec<SeccompRule>>);

impl Rules {
    fn add(&mut self, numbers: &[i64], syscall: &LinuxSyscall) -> Result<()> {
        let conditions = syscall.args().iter().flatten().map(condition).collect::<Result<Vec<SeccompCondition>>>()?;
        for &number in numbers {
            let known = self.0.get(&number).is_some_and(Vec::is_empty);
            if conditions.is_empty() {
                self.0.insert(number, Vec::new());
            } else if !known {
                let rule = SeccompRule::new(conditions.clone()).map_err(|error| refused(&error))?;
                self.0.entry(number).or_default().push(rule);
            }
        }
        Ok(())
    }

    fn program(self, otherwise: SeccompAction, matching: SeccompAction) -> Result<Vec<libc::sock_filter>> {
        let architecture = std::env::consts::ARCH.try_into().map_err(|error| refused(&error))?;
        let filter = SeccompFilter::new(self.0, otherwise, matching, architecture).map_err(|error| refused(&error))?;
        let program = BpfProgram::try_from(filter).map_err(|error| refused(&error))?;
        let own = program.iter().map(|step| libc::sock_filter { code: step.code, jt: step.jt, jf: step.jf, k: step.k });
        Ok(deny_x32().into_iter().chain(own).collect())
    }
}

/// The x32 calls of an x86_64 kernel have numbers of their own that would slip through rules for the usual ones.
fn deny_x32() -> Vec<libc::sock_filter> {
    const X32: u32 = 0x4000_0000;
    if !cfg!(target_arch = "x86_64") {
        return Vec::new();
    }
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    vec![
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, X32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
    ]
}

fn numbers(syscall: &LinuxSyscall, action: &SeccompAction, default: &SeccompAction) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    for name in syscall.names() {
        match calls::number(name) {
            Some(number) => found.push(number),
            // A call that isn't known here can't be let through; but what should be stopped must not be let through.
            None if *action == SeccompAction::Allow || *default != SeccompAction::Allow => {}
            None => return Err(invalid(format!("linux.seccomp denies {name}, a system call that is not known"))),
        }
    }
    Ok(found)
}

fn condition(argument: &LinuxSeccompArg) -> Result<SeccompCondition> {
    let value = argument.value();
    let (operator, value) = match argument.op() {
        LinuxSeccompOperator::ScmpCmpNe => (SeccompCmpOp::Ne, value),
        LinuxSeccompOperator::ScmpCmpLt => (SeccompCmpOp::Lt, value),
        LinuxSeccompOperator::ScmpCmpLe => (SeccompCmpOp::Le, value),
        LinuxSeccompOperator::ScmpCmpEq => (SeccompCmpOp::Eq, value),
        LinuxSeccompOperator::ScmpCmpGe => (SeccompCmpOp::Ge, value),
        LinuxSeccompOperator::ScmpCmpGt => (SeccompCmpOp::Gt, value),
        // `value` is the mask here.
        LinuxSeccompOperator::ScmpCmpMaskedEq => (SeccompCmpOp::MaskedEq(value), argument.value_two().unwrap_or(0)),
    };
    let index = u8::try_from(argument.index()).unwrap_or(u8::MAX);
    SeccompCondition::new(index, SeccompCmpArgLen::Qword, operator, value).map_err(|error| refused(&error))
}

fn action(action: LinuxSeccompAction, errno: Option<u32>) -> Result<SeccompAction> {
    Ok(match action {
        LinuxSeccompAction::ScmpActKill | LinuxSeccompAction::ScmpActKillThread => SeccompAction::KillThread,
        LinuxSeccompAction::ScmpActKillProcess => SeccompAction::KillProcess,
        LinuxSeccompAction::ScmpActTrap => SeccompAction::Trap,
        LinuxSeccompAction::ScmpActErrno => SeccompAction::Errno(errno.unwrap_or(libc::EPERM as u32)),
        LinuxSeccompAction::ScmpActTrace => SeccompAction::Trace(errno.unwrap_or(libc::EPERM as u32)),
        LinuxSeccompAction::ScmpActLog => SeccompAction::Log,
        LinuxSeccompAction::ScmpActAllow => SeccompAction::Allow,
        LinuxSeccompAction::ScmpActNotify => {
            return Err(invalid("linux.seccomp: SCMP_ACT_NOTIFY is not supported"));
        }
    })
}

fn flags(profile: &LinuxSeccomp) -> Result<libc::c_ulong> {
    if profile.listener_path().is_some() {
        return Err(invalid("linux.seccomp.listenerPath is not supported"));
    }
    profile.flags().iter().flatten().try_fold(0, |flags, flag| {
        Ok(flags
            | match flag {
                LinuxSeccompFilterFlag::SeccompFilterFlagLog => libc::SECCOMP_FILTER_FLAG_LOG,
                LinuxSeccompFilterFlag::SeccompFilterFlagSpecAllow => libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                // There is one thread only.
                LinuxSeccompFilterFlag::SeccompFilterFlagTsync => 0,
                LinuxSeccompFilterFlag::SeccompFilterFlagWaitKillableRecv => {
                    return Err(invalid("linux.seccomp: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is not supported"));
                }
            })
    })
}

fn refused(error: &dyn std::error::Error) -> Failure {
    invalid(format!("linux.seccomp can't be compiled: {error}"))
}
