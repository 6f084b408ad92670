//! What a client's commands take.

use crate::client::Client;
use crate::sample::Sample;
use crate::table::{Row, Table};
use anyhow::Result;

/// Measures both sides: ours and Docker's in turns, so that what else the machine does falls on both.
pub(crate) fn measure(ours: &Client, theirs: &Client, runs: usize, table: &mut Table) -> Result<()> {
    const RUN: &[&str] = &["run", "--rm", "busybox", "true"];
    const EXEC: &[&str] = &["exec", "bench", "true"];
    for client in [ours, theirs] {
        client.remove("bench");
        client.time(&["run", "--detach", "--name", "bench", "busybox", "sleep", "3600"])?;
        // What is read from disk the first time shall not count.
        client.time(RUN)?;
        client.time(EXEC)?;
    }
    let mut samples: [Sample; 5] = Default::default();
    for _ in 0..runs {
        let [client_start, our_run, their_run, our_exec, their_exec] = &mut samples;
        client_start.add(ours.time(&["--version"])?);
        our_run.add(ours.time(RUN)?);
        their_run.add(theirs.time(RUN)?);
        our_exec.add(ours.time(EXEC)?);
        their_exec.add(theirs.time(EXEC)?);
    }
    for client in [ours, theirs] {
        client.remove("bench");
    }
    let [client_start, our_run, their_run, our_exec, their_exec] = samples.map(|sample| sample.median());
    table.add(Row::of_times("docker --version (the client alone)", client_start, client_start, ""));
    table.add(Row::of_times("docker run --rm busybox true", our_run, their_run, "≤ 0.30 of Docker's"));
    let [ours, theirs] = [our_run, their_run].map(|whole| whole.saturating_sub(client_start));
    table.add(Row::of_times("the same without the client alone", ours, theirs, "≤ 0.10 of Docker's"));
    table.add(Row::of_times("docker exec", our_exec, their_exec, "≤ 0.70 of Docker's"));
    Ok(())
}
