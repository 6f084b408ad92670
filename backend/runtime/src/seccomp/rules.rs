//! A spec's `linux.seccomp`, checked, with numbers for names.

use super::{calls, floor};
use crate::failure::{Result, invalid};
use oci_spec::runtime::{LinuxSeccomp, LinuxSeccompAction, LinuxSeccompArg, LinuxSeccompOperator, LinuxSyscall};
use std::collections::BTreeMap;

/// What is answered (`SECCOMP_RET_*`) if all conditions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) conditions: Vec<Condition>,
    pub(super) action: u32,
}

/// A comparison of an argument, whose number is 0 to 5, with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) argument: u8,
    pub(super) operator: Operator,
    pub(super) value: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    NotEqual,
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
    MaskedEqual { mask: u64 },
}

/// The rules for each call, those of the floor among them, the strictest first: where several match, that one holds.
pub(super) fn of(profile: &LinuxSeccomp) -> Result<BTreeMap<u32, Vec<Rule>>> {
    let mut rules: BTreeMap<u32, Vec<Rule>> = BTreeMap::new();
    for syscall in profile.syscalls().iter().flatten() {
        let action = action(syscall.action(), syscall.errno_ret())?;
        let conditions = syscall.args().iter().flatten().map(condition).collect::<Result<Vec<_>>>()?;
        if conditions.len() > 6 {
            return Err(invalid("linux.seccomp: a rule has more conditions than a call has arguments"));
        }
        for number in numbers(syscall, profile.default_action())? {
            rules.entry(number).or_default().push(Rule { conditions: conditions.clone(), action });
        }
    }
    floor::add(&mut rules);
    for rules in rules.values_mut() {
        // As the kernel orders actions: the smallest, as a signed number, is the strictest.
        rules.sort_by_key(|rule| (rule.action & libc::SECCOMP_RET_ACTION_FULL) as i32);
    }
    Ok(rules)
}

/// What is answered to calls without a rule.
pub(super) fn default_action(profile: &LinuxSeccomp) -> Result<u32> {
    action(profile.default_action(), profile.default_errno_ret())
}

fn numbers(syscall: &LinuxSyscall, default: LinuxSeccompAction) -> Result<Vec<u32>> {
    let allows = |action| matches!(action, LinuxSeccompAction::ScmpActAllow | LinuxSeccompAction::ScmpActLog);
    let mut found = Vec::new();
    for name in syscall.names() {
        match calls::number(name) {
            Some(number) => found.push(number),
            // What isn't known can't be let through; but what should be stopped must not be let through.
            None if allows(syscall.action()) || !allows(default) || calls::is_foreign(name) => {}
            None => return Err(invalid(format!("linux.seccomp denies {name}, a system call that is not known"))),
        }
    }
    Ok(found)
}

fn condition(argument: &LinuxSeccompArg) -> Result<Condition> {
    let value = argument.value();
    let (operator, value) = match argument.op() {
        LinuxSeccompOperator::ScmpCmpNe => (Operator::NotEqual, value),
        LinuxSeccompOperator::ScmpCmpLt => (Operator::Less, value),
        LinuxSeccompOperator::ScmpCmpLe => (Operator::LessOrEqual, value),
        LinuxSeccompOperator::ScmpCmpEq => (Operator::Equal, value),
        LinuxSeccompOperator::ScmpCmpGe => (Operator::GreaterOrEqual, value),
        LinuxSeccompOperator::ScmpCmpGt => (Operator::Greater, value),
        // `value` is the mask here.
        LinuxSeccompOperator::ScmpCmpMaskedEq => {
            (Operator::MaskedEqual { mask: value }, value & argument.value_two().unwrap_or(0))
        }
    };
    match u8::try_from(argument.index()) {
        Ok(argument @ 0..=5) => Ok(Condition { argument, operator, value }),
        _ => Err(invalid(format!("linux.seccomp: a call has no argument {}", argument.index()))),
    }
}

fn action(action: LinuxSeccompAction, errno: Option<u32>) -> Result<u32> {
    let data = errno.unwrap_or(libc::EPERM as u32) & libc::SECCOMP_RET_DATA;
    Ok(match action {
        LinuxSeccompAction::ScmpActKill | LinuxSeccompAction::ScmpActKillThread => libc::SECCOMP_RET_KILL_THREAD,
        LinuxSeccompAction::ScmpActKillProcess => libc::SECCOMP_RET_KILL_PROCESS,
        LinuxSeccompAction::ScmpActTrap => libc::SECCOMP_RET_TRAP,
        LinuxSeccompAction::ScmpActErrno => libc::SECCOMP_RET_ERRNO | data,
        LinuxSeccompAction::ScmpActTrace => libc::SECCOMP_RET_TRACE | data,
        LinuxSeccompAction::ScmpActLog => libc::SECCOMP_RET_LOG,
        LinuxSeccompAction::ScmpActAllow => libc::SECCOMP_RET_ALLOW,
        LinuxSeccompAction::ScmpActNotify => {
            return Err(invalid("linux.seccomp: SCMP_ACT_NOTIFY is not supported"));
        }
    })
}
