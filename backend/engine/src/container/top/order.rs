//! In which order `ps` lists processes, and how it shows who began whom.

use super::arguments::failed;
use super::columns::{Column, column};
use super::process::Process;
use crate::Result;
use std::cmp::Ordering;
use std::collections::HashMap;

/// One of the keys of `--sort`.
pub(super) struct Key {
    key: fn(&Process) -> String,
    descending: bool,
}

/// Reads `-rss,+pid`. Errors, in the words of `ps`: nothing can be sorted by that.
pub(super) fn keys(list: &str) -> Result<Vec<Key>> {
    list.split(',')
        .map(|item| {
            let descending = item.starts_with('-');
            let name = item.trim_start_matches(['+', '-']);
            // What is shown of times doesn't sort.
            let key: fn(&Process) -> String = match name {
                "time" | "cputime" | "bsdtime" => |it| it.cpu_seconds().to_string(),
                "start" | "stime" | "start_time" | "lstart" => |it| it.started.to_string(),
                "etime" => |it| (it.now - it.started).to_string(),
                name => match column(name).filter(|_| !name.contains('=')) {
                    Some(Column { value, .. }) => value,
                    None => return Err(failed("error: unknown sort specifier")),
                },
            };
            Ok(Key { key, descending })
        })
        .collect()
}

/// Sorts by the keys, and by ids what they have in common.
pub(super) fn sort(processes: &mut [Process], keys: &[Key]) {
    processes.sort_by_key(|process| process.pid);
    processes.sort_by(|a, b| {
        let mut orders = keys.iter().map(|Key { key, descending }| {
            let order = compare(&key(a), &key(b));
            if *descending { order.reverse() } else { order }
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
}

/// Numbers by their values, everything else as text.
fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}

/// Puts everybody behind their parent, with `\_` and a line for each that is still to come before what they run.
pub(super) fn forest(processes: &mut Vec<Process>) {
    let mut children: HashMap<i32, Vec<Process>> = HashMap::new();
    let pids: Vec<i32> = processes.iter().map(|process| process.pid).collect();
    let mut roots = Vec::new();
    for process in processes.drain(..) {
        match pids.contains(&process.ppid) && process.ppid != process.pid {
            true => children.entry(process.ppid).or_default().push(process),
            false => roots.push(process),
        }
    }
    // The next one last; with what stands before its children's.
    let mut open: Vec<(Process, String)> = roots.into_iter().rev().map(|root| (root, String::new())).collect();
    while let Some((process, lines)) = open.pop() {
        let own = children.remove(&process.pid).unwrap_or_default();
        let last = own.len().saturating_sub(1);
        for (at, mut child) in own.into_iter().enumerate().rev() {
            child.branch = format!("{lines}\\_ ");
            open.push((child, if at < last { format!("{lines}| ") } else { lines.clone() }));
        }
        processes.push(process);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn listed(processes: &[Process]) -> Vec<(i32, &str)> {
        processes.iter().map(|process| (process.pid, process.branch.as_str())).collect()
    }

    fn process(pid: i32, ppid: i32, rss: u64) -> Process {
        Process { pid, ppid, rss, ..Process::default() }
    }

    #[test]
    fn numbers_are_sorted_as_numbers() {
        let mut all = vec![process(1, 0, 9), process(2, 0, 10), process(3, 0, 9)];
        sort(&mut all, &keys("-rss").unwrap());
        assert_eq!(listed(&all), [(2, ""), (1, ""), (3, "")]);
        sort(&mut all, &keys("+rss,-pid").unwrap());
        assert_eq!(listed(&all), [(3, ""), (1, ""), (2, "")]);
        sort(&mut all, &[]);
        assert_eq!(listed(&all), [(1, ""), (2, ""), (3, "")]);
        assert_eq!(keys("nope").err().unwrap().message, "ps: error: unknown sort specifier");
    }

    #[test]
    fn children_stand_below_their_parents() {
        let mut all = vec![process(1, 0, 0), process(2, 1, 0), process(3, 1, 0), process(4, 2, 0), process(9, 7, 0)];
        forest(&mut all);
        assert_eq!(listed(&all), [(1, ""), (2, "\\_ "), (4, "| \\_ "), (3, "\\_ "), (9, "")]);
    }
}
