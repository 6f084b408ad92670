//! From rules to a program for the kernel's packet filter machine.
//!
//! Calls are found by binary search rather than one after the other, as `seccompiler` does it. The kernel translates a
//! program, and tries it for every call, each time that it is installed: with Docker's 360 calls that was a tenth of the time that
//! a container takes to start.

use super::rules::{Condition, Operator, Rule};
use libc::{
    BPF_ABS, BPF_ALU, BPF_AND, BPF_JA, BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, sock_filter,
};
use std::collections::BTreeMap;

/// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

/// `AUDIT_ARCH_X86_64` and `AUDIT_ARCH_AARCH64`.
const OURS: u32 = if cfg!(target_arch = "x86_64") { 0xc000_003e } else { 0xc000_00b7 };

/// From this number on, an x86_64 kernel's calls are those of x32: the usual ones by other numbers.
const X32: u32 = 0x4000_0000;

/// The program that answers each call with the action of its first matching rule, or `otherwise`.
///
/// Calls by the numbers of another architecture (32-bit programs) kill the process: rules say nothing of them.
pub(super) fn assemble(rules: &BTreeMap<u32, Vec<Rule>>, otherwise: u32) -> Vec<sock_filter> {
    let mut program = vec![
        step(BPF_LD | BPF_W | BPF_ABS, ARCHITECTURE, 0, 0),
        step(BPF_JMP | BPF_JEQ | BPF_K, OURS, 1, 0),
        step(BPF_RET | BPF_K, libc::SECCOMP_RET_KILL_PROCESS, 0, 0),
        step(BPF_LD | BPF_W | BPF_ABS, NUMBER, 0, 0),
    ];
    if cfg!(target_arch = "x86_64") {
        program.push(step(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1));
        program.push(step(BPF_RET | BPF_K, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32, 0, 0));
    }
    program.extend(search(&segments(rules, otherwise)));
    program
}

/// What is done for all calls from `first` on, up to the next segment.
struct Segment {
    first: u32,
    code: Vec<sock_filter>,
}

fn segments(rules: &BTreeMap<u32, Vec<Rule>>, otherwise: u32) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut add = |first, code: Vec<sock_filter>| {
        // Neighbours that are answered alike are one segment.
        if segments.last().is_none_or(|last| last.code.len() > 1 || code.len() > 1 || last.code != code) {
            segments.push(Segment { first, code });
        }
    };
    let mut next = 0;
    for (&number, rules) in rules {
        if number > next {
            add(next, vec![ret(otherwise)]);
        }
        add(number, answer(rules, otherwise));
        next = number + 1;
    }
    add(next, vec![ret(otherwise)]);
    segments
}

fn search(segments: &[Segment]) -> Vec<sock_filter> {
    let (left, right) = segments.split_at(segments.len() / 2);
    let Some(middle) = right.first() else { return Vec::new() };
    if left.is_empty() {
        return middle.code.clone();
    }
    let (below, above) = (search(left), search(right));
    let mut code = match u8::try_from(below.len()) {
        Ok(distance) => vec![step(BPF_JMP | BPF_JGE | BPF_K, middle.first, distance, 0)],
        // A conditional jump goes no further than 255.
        Err(_) => {
            vec![step(BPF_JMP | BPF_JGE | BPF_K, middle.first, 0, 1), step(BPF_JMP | BPF_JA, below.len() as u32, 0, 0)]
        }
    };
    code.extend(below);
    code.extend(above);
    code
}

/// Tries one rule after the other.
fn answer(rules: &[Rule], otherwise: u32) -> Vec<sock_filter> {
    let mut code = Vec::new();
    for rule in rules {
        // From the back: a condition that fails jumps over all that follows in its rule.
        let mut tail = vec![ret(rule.action)];
        for condition in rule.conditions.iter().rev() {
            let mut block = check(condition, tail.len());
            block.append(&mut tail);
            tail = block;
        }
        code.extend(tail);
        if rule.conditions.is_empty() {
            return code;
        }
    }
    code.push(ret(otherwise));
    code
}

#[derive(Clone, Copy, PartialEq)]
enum Target {
    Next,
    /// The condition holds: what comes after it.
    Holds,
    /// It doesn't: the next rule.
    Fails,
}

/// Compares an argument, 64 bits in two halves; `rest` is how much of the rule follows.
fn check(condition: &Condition, rest: usize) -> Vec<sock_filter> {
    use Target::{Fails, Holds, Next};
    let low = ARGUMENTS + 8 * u32::from(condition.argument);
    let (high_value, low_value) = ((condition.value >> 32) as u32, condition.value as u32);
    let load = |offset| (BPF_LD | BPF_W | BPF_ABS, offset, Next, Next);
    let jump = |how, value, then, otherwise| (BPF_JMP | BPF_K | how, value, then, otherwise);
    let and = |mask| (BPF_ALU | BPF_AND | BPF_K, mask, Next, Next);
    let steps = match condition.operator {
        Operator::Equal => vec![
            load(low + 4),
            jump(BPF_JEQ, high_value, Next, Fails),
            load(low),
            jump(BPF_JEQ, low_value, Holds, Fails),
        ],
        Operator::NotEqual => vec![
            load(low + 4),
            jump(BPF_JEQ, high_value, Next, Holds),
            load(low),
            jump(BPF_JEQ, low_value, Fails, Holds),
        ],
        Operator::MaskedEqual { mask } => vec![
            load(low + 4),
            and((mask >> 32) as u32),
            jump(BPF_JEQ, high_value, Next, Fails),
            load(low),
            and(mask as u32),
            jump(BPF_JEQ, low_value, Holds, Fails),
        ],
        Operator::Greater | Operator::GreaterOrEqual => vec![
            load(low + 4),
            jump(BPF_JGT, high_value, Holds, Next),
            jump(BPF_JEQ, high_value, Next, Fails),
            load(low),
            jump(if condition.operator == Operator::Greater { BPF_JGT } else { BPF_JGE }, low_value, Holds, Fails),
        ],
        Operator::Less | Operator::LessOrEqual => vec![
            load(low + 4),
            jump(BPF_JGT, high_value, Fails, Next),
            jump(BPF_JEQ, high_value, Next, Holds),
            load(low),
            jump(if condition.operator == Operator::Less { BPF_JGE } else { BPF_JGT }, low_value, Fails, Holds),
        ],
    };
    let length = steps.len();
    let distance = |index: usize, target| match target {
        Next => 0,
        Holds => length - 1 - index,
        Fails => length - 1 - index + rest,
    };
    // A rule has at most six conditions of at most six steps: no distance is longer than 255.
    let to = |index, target| distance(index, target) as u8;
    steps.into_iter().enumerate().map(|(at, (code, k, then, or))| step(code, k, to(at, then), to(at, or))).collect()
}

fn ret(action: u32) -> sock_filter {
    step(BPF_RET | BPF_K, action, 0, 0)
}

fn step(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code: code as u16, jt, jf, k }
}
