//! What came out, for people.

use crate::sample::Sample;
use std::fmt;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) ours: String,
    pub(crate) theirs: String,
    /// Ours by theirs: below 1 is better. `None`: there is nothing of theirs to compare with.
    pub(crate) ratio: Option<f64>,
    pub(crate) wanted: &'static str,
}

#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    /// Also says it at once: measuring takes minutes.
    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("{}: {} beside {} ({})", row.what, row.ours, row.theirs, row.ratio());
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["what", "Lernhafen", "Docker", "ratio", "wanted"];
        let rows: Vec<[String; 5]> =
            std::iter::once(head.map(str::to_owned)).chain(self.0.iter().map(Row::cells)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        for (index, row) in rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            writeln!(formatter, "| {} |", cells.join(" | "))?;
            if index == 0 {
                let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
                writeln!(formatter, "| {} |", rule.join(" | "))?;
            }
        }
        Ok(())
    }
}

impl Row {
    pub(crate) fn of_times(what: &'static str, ours: Duration, theirs: Duration, wanted: &'static str) -> Self {
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        Self { what, ours: milliseconds(ours), theirs: milliseconds(theirs), ratio: Some(ratio), wanted }
    }

    /// Of many times: what half of them, and what 95 in a hundred don't exceed. Docker has nothing like it.
    pub(crate) fn of_spread(what: &'static str, ours: &Sample, wanted: &'static str) -> Self {
        let [half, most] = [50, 95].map(|percent| milliseconds(ours.percentile(percent)));
        Self { what, ours: format!("{half}, p95 {most}"), theirs: "–".to_owned(), ratio: None, wanted }
    }

    fn ratio(&self) -> String {
        self.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))
    }

    fn cells(&self) -> [String; 5] {
        [self.what.to_owned(), self.ours.clone(), self.theirs.clone(), self.ratio(), self.wanted.to_owned()]
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

/// `size` in bytes.
pub(crate) fn mebibytes(size: u64) -> String {
    format!("{:.1} MiB", size as f64 / f64::from(1 << 20))
}
