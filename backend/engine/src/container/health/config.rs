//! `--health-cmd` and its sisters.

use crate::store::Healthcheck;
use crate::{Error, Result};
use std::time::Duration;

/// Docker's, for what isn't said.
const INTERVAL: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(30);
const START_INTERVAL: Duration = Duration::from_secs(5);
const RETRIES: u32 = 3;

/// Docker's shortest, in nanoseconds.
const SHORTEST: i64 = 1_000_000;

impl Healthcheck {
    /// Whether the values mean something. Errors: in Docker's words.
    pub fn check(&self) -> Result<()> {
        let times = [
            ("Interval", self.interval),
            ("Timeout", self.timeout),
            ("StartPeriod", self.start_period),
            ("StartInterval", self.start_interval),
        ];
        if let Some((name, _)) = times.iter().find(|(_, time)| *time != 0 && *time < SHORTEST) {
            return Err(Error::invalid(format!("{name} in Healthcheck cannot be less than 1ms")));
        }
        if self.retries < 0 {
            return Err(Error::invalid("Retries in Healthcheck cannot be negative"));
        }
        Ok(())
    }

    /// Takes what it doesn't say from an image's.
    pub(crate) fn complete(&mut self, image: &Self) {
        if self.test.is_empty() {
            self.test.clone_from(&image.test);
        }
        for (own, image) in [
            (&mut self.interval, image.interval),
            (&mut self.timeout, image.timeout),
            (&mut self.start_period, image.start_period),
            (&mut self.start_interval, image.start_interval),
            (&mut self.retries, image.retries),
        ] {
            if *own == 0 {
                *own = image;
            }
        }
    }

    /// What is run, if anything.
    pub(super) fn command(&self) -> Option<Vec<String>> {
        let (kind, words) = self.test.split_first()?;
        match kind.as_str() {
            "CMD" => Some(words.to_vec()),
            "CMD-SHELL" => Some([&["/bin/sh".to_owned(), "-c".to_owned()], words].concat()),
            _ => None,
        }
    }

    pub(super) fn timeout(&self) -> Duration {
        or(self.timeout, TIMEOUT)
    }

    /// How long after its start a container's failures don't count.
    pub(super) fn start_period(&self) -> Duration {
        or(self.start_period, Duration::ZERO)
    }

    pub(super) fn retries(&self) -> u32 {
        u32::try_from(self.retries).ok().filter(|retries| *retries > 0).unwrap_or(RETRIES)
    }

    /// How long to wait for the next probe of a container that is `starting`, or not, and has run for so long.
    pub(super) fn interval(&self, starting: bool, age: Duration) -> Duration {
        if starting && age < self.start_period() {
            or(self.start_interval, START_INTERVAL)
        } else {
            or(self.interval, INTERVAL)
        }
    }
}

fn or(nanos: i64, default: Duration) -> Duration {
    u64::try_from(nanos).ok().filter(|nanos| *nanos > 0).map_or(default, Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn values_are_checked_in_dockers_words() {
        let error = |check: Healthcheck| check.check().unwrap_err().message;
        let with = Healthcheck::default;
        assert_eq!(error(Healthcheck { interval: 1, ..with() }), "Interval in Healthcheck cannot be less than 1ms");
        assert_eq!(
            error(Healthcheck { start_period: -1, ..with() }),
            "StartPeriod in Healthcheck cannot be less than 1ms"
        );
        assert_eq!(error(Healthcheck { retries: -1, ..with() }), "Retries in Healthcheck cannot be negative");
        assert!(with().check().is_ok());
    }

    #[test]
    fn tests_are_commands_or_lines_for_a_shell() {
        let command = |test: &[&str]| {
            Healthcheck { test: test.iter().map(|word| (*word).to_owned()).collect(), ..Healthcheck::default() }
                .command()
        };
        assert_eq!(command(&["CMD", "a", "b"]).unwrap(), ["a", "b"]);
        assert_eq!(command(&["CMD-SHELL", "a b"]).unwrap(), ["/bin/sh", "-c", "a b"]);
        assert_eq!([command(&[]), command(&["NONE"]), command(&["FOO", "x"])], [None, None, None]);
    }

    #[test]
    fn a_starting_container_is_asked_more_often() {
        let check = Healthcheck { start_period: 10_000_000_000, ..Healthcheck::default() };
        let [young, old] = [1, 11].map(Duration::from_secs);
        assert_eq!(check.interval(true, young), START_INTERVAL);
        assert_eq!(check.interval(true, old), INTERVAL);
        assert_eq!(check.interval(false, young), INTERVAL);
    }
}
