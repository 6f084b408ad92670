//! A room that joins: one alone, thirty at once, twenty where a thousand are; and the server's start where a thousand are.

use crate::sample::Sample;
use crate::session::{Cookie, Server, Session};
use crate::table::{Row, Table};
use anyhow::{Context, Result};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

const ROOM: usize = 30;

/// Who joins where many are.
const MORE: usize = 20;

/// Sessions that begin or end at once while nothing is measured.
const AT_ONCE: usize = 8;

/// What of it is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Groups {
    pub(crate) joining: bool,
    pub(crate) restart: bool,
}

pub(crate) fn measure(
    program: &Path,
    directory: &Path,
    runs: usize,
    hosts: usize,
    groups: Groups,
    table: &mut Table,
) -> Result<()> {
    if !groups.joining && !groups.restart {
        return Ok(());
    }
    let start = |ready| Server::start(program, directory, hosts + ROOM, ready);
    let mut server = start(0)?;
    server.session("warm-up")?.leave()?;
    if groups.joining {
        let mut alone = Sample::default();
        for _ in 0..4 * runs {
            join(&server, 1, &mut alone)?;
        }
        table.add(Row::of_spread("one joins where no host has begun ahead, to the prompt", &alone, "≤ 50 ms"));
        let mut room = Sample::default();
        for _ in 0..runs {
            join(&server, ROOM, &mut room)?;
        }
        table.add(Row::of_spread("30 join at once where none has", &room, "–"));
        server.end();
        server = start(ROOM)?;
        let (mut alone, mut room) = (Sample::default(), Sample::default());
        for _ in 0..runs {
            server.wait_for_hosts(ROOM)?;
            join(&server, 1, &mut alone)?;
        }
        table.add(Row::of_spread("one joins, to the prompt", &alone, "≤ 30 ms"));
        for _ in 0..runs {
            server.wait_for_hosts(ROOM)?;
            join(&server, ROOM, &mut room)?;
        }
        table.add(Row::of_spread("30 join at once, each to the prompt", &room, "p95 ≤ 300 ms"));
    }
    let there = at_once(hosts, |number| Ok(server.session(&format!("there-{number}"))?.look_away()))?;
    let outcome = among_many(&mut server, hosts, || start(ROOM), runs, groups, table);
    at_once(there.len(), |number| there.get(number).map_or(Ok(()), Cookie::leave))?;
    outcome
}

fn among_many(
    server: &mut Server,
    hosts: usize,
    start: impl Fn() -> Result<Server>,
    runs: usize,
    groups: Groups,
    table: &mut Table,
) -> Result<()> {
    if groups.joining {
        let mut more = Sample::default();
        for _ in 0..runs {
            server.wait_for_hosts(hosts + ROOM)?;
            join(server, MORE, &mut more)?;
        }
        table.add(Row::of_spread("20 more join at once where many are", &more, "p95 ≤ 300 ms"));
    }
    if groups.restart {
        let mut restart = Sample::default();
        for _ in 0..runs {
            server.end();
            *server = start()?;
            restart.add(server.start);
        }
        table.add(Row::of_spread("the server's start where many are", &restart, "≤ 2 s"));
    }
    Ok(())
}

/// So many join at the same moment, and leave when all have their prompt.
fn join(server: &Server, count: usize, sample: &mut Sample) -> Result<()> {
    let sessions = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..count).map(|number| scope.spawn(move || server.session(&format!("bench-{number}")))).collect();
        let joined = threads.into_iter().map(|thread| thread.join().ok().context("a thread has crashed")?);
        joined.collect::<Result<Vec<Session>>>()
    })?;
    for session in sessions {
        sample.add(session.prompt);
        session.leave()?;
    }
    Ok(())
}

/// Does something for each number, a few at once.
fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    let worker = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            let one = work(number)?;
            done.lock().unwrap_or_else(PoisonError::into_inner).push(one);
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(worker)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a thread has crashed")?)
    })?;
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
}
