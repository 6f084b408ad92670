//! What came out, for people.

use std::fmt;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) ours: String,
    pub(crate) theirs: String,
    /// Ours by theirs: below 1 is better.
    pub(crate) ratio: f64,
    pub(crate) wanted: &'static str,
}

#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    /// Also says it at once: measuring takes minutes.
    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("{}: {} beside {} ({:.2})", row.what, row.ours, row.theirs, row.ratio);
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
        Self { what, ours: milliseconds(ours), theirs: milliseconds(theirs), ratio, wanted }
    }

    fn cells(&self) -> [String; 5] {
        [
            self.what.to_owned(),
            self.ours.clone(),
            self.theirs.clone(),
            format!("{:.2}", self.ratio),
            self.wanted.to_owned(),
        ]
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

/// `size` in bytes.
pub(crate) fn mebibytes(size: u64) -> String {
    format!("{:.1} MiB", size as f64 / f64::from(1 << 20))
}
