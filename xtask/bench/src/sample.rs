//! Many measurements of one thing.

use std::time::Duration;

#[derive(Debug, Default)]
pub(crate) struct Sample(Vec<Duration>);

impl Sample {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The one that so many of a hundred are not above.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(index).copied().unwrap_or_default()
    }

    /// The middle one: a single slow run does not move it. Zero if nothing was measured.
    pub(crate) fn median(mut self) -> Duration {
        self.0.sort();
        let upper = self.0.len() / 2;
        let at = |index: usize| self.0.get(index).copied().unwrap_or_default();
        if self.0.len() % 2 == 1 { at(upper) } else { (at(upper.saturating_sub(1)) + at(upper)) / 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Sample};

    #[test]
    fn takes_the_middle() {
        let sample = |list: &[u64]| Sample(list.iter().copied().map(Duration::from_millis).collect());
        assert_eq!(sample(&[9, 1, 500]).median(), Duration::from_millis(9));
        assert_eq!(sample(&[1, 3, 5, 500]).median(), Duration::from_millis(4));
        assert_eq!(sample(&[]).median(), Duration::ZERO);
        let hundred = sample(&(1..=100).collect::<Vec<_>>());
        assert_eq!([50, 95, 100].map(|percent| hundred.percentile(percent).as_millis()), [50, 95, 100]);
        assert_eq!(sample(&[7]).percentile(95), Duration::from_millis(7));
        assert_eq!(sample(&[]).percentile(95), Duration::ZERO);
    }
}
