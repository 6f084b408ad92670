//! How many tests passed, as the test harnesses of Rust and of Node say it.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u32,
    pub(super) failed: u32,
    /// Known to the harness and not run.
    pub(super) ignored: u32,
}

impl Count {
    /// What one line of output adds: most lines nothing.
    pub(super) fn of(line: &str) -> Self {
        if let Some(result) = line.strip_prefix("test result: ") {
            return Self::of_rust(result);
        }
        // Node's TAP: "# pass 3".
        let number = |name: &str| line.strip_prefix(name).and_then(|rest| rest.trim().parse().ok()).unwrap_or(0);
        Self {
            passed: number("# pass "),
            failed: number("# fail ") + number("# cancelled "),
            ignored: number("# skipped ") + number("# todo "),
        }
    }

    /// `ok. 5 passed; 0 failed; 1 ignored; 0 measured; …`
    fn of_rust(result: &str) -> Self {
        let number = |name: &str| {
            let words: Vec<&str> = result.split([' ', ';']).collect();
            words.windows(2).find(|pair| pair[1] == name).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
        };
        Self { passed: number("passed"), failed: number("failed"), ignored: number("ignored") }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn counts_rust() {
        let line = "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s";
        assert_eq!(Count::of(line), Count { passed: 5, failed: 2, ignored: 1 });
    }

    #[test]
    fn counts_node() {
        let mut count = Count::default();
        for line in ["# tests 6", "# pass 3", "# fail 1", "# cancelled 1", "# skipped 1", "# todo 0"] {
            count += Count::of(line);
        }
        assert_eq!(count, Count { passed: 3, failed: 2, ignored: 1 });
    }

    #[test]
    fn leaves_other_lines_alone() {
        assert_eq!(Count::of("test a_test ... ok"), Count::default());
        assert_eq!(Count::of("12 passed, by the way"), Count::default());
    }
}
