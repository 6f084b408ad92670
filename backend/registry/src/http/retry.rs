//! How long to wait before asking again, and when to give up.

use super::Response;
use crate::{Error, Result, Retries};
use hyper::header::RETRY_AFTER;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The tries of one request, or of one download.
#[derive(Debug)]
pub(crate) struct Patience {
    retries: Retries,
    failed: u32,
    /// Whether the last try brought something before it failed: then it does not count.
    has_progressed: bool,
    waited_as_told: Duration,
}

impl Patience {
    pub(crate) fn new(retries: &Retries) -> Self {
        Self { retries: retries.clone(), failed: 0, has_progressed: false, waited_as_told: Duration::ZERO }
    }

    /// After a request: how long to wait before the next try, if it failed in passing and there is one.
    pub(crate) fn after(&mut self, outcome: &Result<Response>) -> Option<Duration> {
        match outcome {
            Ok(response) => match (response.status.as_u16(), seconds(response)) {
                (429 | 503, Some(wait)) => self.as_told(wait),
                (429 | 500 | 502 | 503 | 504, _) => self.after_failure(),
                _ => None,
            },
            // Those that fell silent have been waited for long enough.
            Err(Error::Broken(_)) => self.after_failure(),
            Err(_) => None,
        }
    }

    /// After a failure: how long to wait before the next try. `None`: there is none.
    pub(crate) fn after_failure(&mut self) -> Option<Duration> {
        self.failed = if std::mem::take(&mut self.has_progressed) { 0 } else { self.failed.saturating_add(1) };
        if self.failed >= self.retries.tries {
            return None;
        }
        let doubled = 2_u32.saturating_pow(self.failed.saturating_sub(1));
        let longest = self.retries.first_wait.saturating_mul(doubled).min(self.retries.longest_wait);
        // Half of it by chance, so that thirty learners who were refused together don't come back together.
        Some(longest.mul_f64(0.5 + by_chance() / 2.0))
    }

    /// After a server said when to come back.
    fn as_told(&mut self, wait: Duration) -> Option<Duration> {
        let total = self.waited_as_told.saturating_add(wait);
        if total > self.retries.longest_retry_after {
            return None;
        }
        self.after_failure()?;
        self.waited_as_told = total;
        Some(wait)
    }

    /// Something came: the count begins anew.
    pub(crate) fn progress(&mut self) {
        self.has_progressed = true;
    }
}

/// `Retry-After`, where it is a number. As a date it is of no more use than without.
fn seconds(response: &Response) -> Option<Duration> {
    response.header(RETRY_AFTER)?.trim().parse().ok().map(Duration::from_secs)
}

/// From 0 up to 1. The standard library's random keys are random enough to spread requests.
fn by_chance() -> f64 {
    f64::from(RandomState::new().hash_one(0) as u32) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn patience() -> Patience {
        Patience::new(&Retries {
            tries: 4,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(2),
            longest_retry_after: Duration::from_secs(3),
        })
    }

    #[test]
    fn waits_grow_up_to_a_limit_and_end() {
        let mut patience = patience();
        for seconds in [1, 2, 2] {
            let wait = patience.after_failure().unwrap();
            let longest = Duration::from_secs(seconds);
            assert!(wait <= longest && wait >= longest / 2, "{wait:?}");
        }
        assert_eq!(patience.after_failure(), None);
        patience.progress();
        assert_eq!((0..10).map_while(|_| patience.after_failure()).count(), 4);
    }

    #[test]
    fn servers_may_make_us_wait_for_a_bearable_time_in_all() {
        let mut patience = patience();
        assert_eq!(patience.as_told(Duration::from_secs(4)), None);
        assert_eq!(patience.as_told(Duration::from_secs(2)), Some(Duration::from_secs(2)));
        assert_eq!(patience.as_told(Duration::from_secs(2)), None);
        assert_eq!(patience.as_told(Duration::from_secs(1)), Some(Duration::from_secs(1)));
    }
}
