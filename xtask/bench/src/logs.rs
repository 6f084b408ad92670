//! Reading a long log.

use crate::client::Client;
use crate::sample::Sample;
use crate::table::{Row, Table};
use anyhow::Result;

const NAME: &str = "bench-logs";

/// 100 MB in lines of 100 characters.
const WRITE: &str = "yes 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 \
                     | head -c 100000000";

/// Measures both sides, in turns.
pub(crate) fn measure(ours: &Client, theirs: &Client, runs: usize, table: &mut Table) -> Result<()> {
    let mut samples: [Sample; 2] = Default::default();
    for client in [ours, theirs] {
        client.remove(NAME);
        client.time(&["run", "--name", NAME, "--log-opt", "max-size=300m", "busybox", "sh", "-c", WRITE])?;
        client.time(&["logs", NAME])?;
    }
    for _ in 0..runs {
        for (client, sample) in [ours, theirs].into_iter().zip(&mut samples) {
            sample.add(client.time(&["logs", NAME])?);
        }
    }
    for client in [ours, theirs] {
        client.remove(NAME);
    }
    let [ours, theirs] = samples.map(Sample::median);
    table.add(Row::of_times("docker logs of 100 MB", ours, theirs, "≤ Docker's"));
    Ok(())
}
