//! Fifty containers at once: how long they take, and how much memory each of them takes.

use crate::api::Api;
use crate::client::Client;
use crate::sample::Sample;
use crate::table::{Row, Table};
use crate::{daemon, engine, memory};
use anyhow::{Context, Result};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

const CONTAINERS: usize = 50;

/// How long a container's program gets to come to rest before memory is measured.
const REST: Duration = Duration::from_secs(2);

/// Measures both sides, in turns.
pub(crate) fn measure(root: &Path, server: &Path, dockerd: u32, runs: usize, table: &mut Table) -> Result<()> {
    let apis = [Api::new(root, engine::SOCKET), Api::new(root, daemon::SOCKET)];
    let mut samples: [Sample; 2] = Default::default();
    // The first round only reads what is read from disk once.
    for round in 0..=runs {
        for (api, sample) in apis.iter().zip(&mut samples) {
            all(|name| create(api, name))?;
            let start = Instant::now();
            all(|name| {
                api.request("POST", &format!("/containers/{name}/start"), "")?;
                api.request("POST", &format!("/containers/{name}/stop"), "")?;
                api.request("DELETE", &format!("/containers/{name}"), "")
            })?;
            if round > 0 {
                sample.add(start.elapsed());
            }
        }
    }
    let [ours, theirs] = samples.map(Sample::median);
    table.add(Row::of_times("start, stop, rm of 50 containers at once", ours, theirs, "≤ 0.35 of Docker's"));

    let [ours, theirs] = &apis;
    let ours = memory_of(ours, || Ok(memory::of_processes(&memory::of(server)?)))?;
    let theirs = memory_of(theirs, || Ok(memory::of_processes(&daemons(dockerd)?)))?;
    table.add(Row {
        what: "memory per running container, of 50: the engine's, all of it",
        ours: kibibytes(ours),
        theirs: kibibytes(theirs),
        ratio: Some(ours as f64 / theirs as f64),
        wanted: "≤ 512 KiB",
    });
    Ok(())
}

/// What a side's own processes use for each running container, in bytes.
fn memory_of(api: &Api, measure: impl FnOnce() -> Result<u64>) -> Result<u64> {
    all(|name| create(api, name))?;
    all(|name| api.request("POST", &format!("/containers/{name}/start"), ""))?;
    thread::sleep(REST);
    let memory = measure()?;
    all(|name| api.request("DELETE", &format!("/containers/{name}?force=1"), ""))?;
    Ok(memory / CONTAINERS as u64)
}

/// dockerd, containerd and its shims, without what runs in the containers.
fn daemons(dockerd: u32) -> Result<Vec<u32>> {
    let is_container =
        |process: &u32| fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.trim() == "sleep");
    Ok(memory::tree(dockerd)?.into_iter().filter(|process| !is_container(process)).collect())
}

fn create(api: &Api, name: &str) -> Result<()> {
    // A first process does not hear a SIGTERM that it has no handler for.
    let body = r#"{"Image":"busybox","Cmd":["sleep","3600"],"StopSignal":"SIGKILL"}"#;
    api.request("POST", &format!("/containers/create?name={name}"), body)
}

/// Does something with every container, all at once.
fn all(work: impl Fn(&str) -> Result<()> + Sync) -> Result<()> {
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> =
            (0..CONTAINERS).map(|index| scope.spawn(move || work(&format!("many-{index}")))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a thread has crashed")?)
    })
}

/// Removes what a run that broke off has left.
pub(crate) fn remove(client: &Client) {
    let names: Vec<String> = (0..CONTAINERS).map(|index| format!("many-{index}")).collect();
    let words: Vec<&str> = ["rm", "--force"].into_iter().chain(names.iter().map(String::as_str)).collect();
    // The error of those that are not there.
    let _ = client.time(&words);
}

fn kibibytes(size: u64) -> String {
    format!("{} KiB", size / 1024)
}
