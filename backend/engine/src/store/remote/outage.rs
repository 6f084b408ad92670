//! Whether Docker Hub was out of reach a moment ago: a room without internet needn't wait for its resolver with every pull.

use parking_lot::Mutex;
use registry::{Error, Unreachable};
use std::time::{Duration, Instant};

/// How long it isn't asked again for what the machine has itself.
const PAUSE: Duration = Duration::from_mins(1);

/// When it last was, and why.
#[derive(Debug, Default)]
pub(crate) struct Outage(Mutex<Option<Failure>>);

#[derive(Debug)]
struct Failure {
    since: Instant,
    request: String,
    cause: Unreachable,
}

impl Outage {
    /// Remembers a failure, if it is one of this kind.
    pub(super) fn note(&self, error: &Error) {
        if let Error::Unreachable { request, cause } = error {
            let failure = Failure { since: Instant::now(), request: request.clone(), cause: cause.clone() };
            *self.0.lock() = Some(failure);
        }
    }

    /// The failure of a moment ago.
    pub(super) fn last(&self) -> Option<Error> {
        let last = self.0.lock();
        let Failure { request, cause, .. } = last.as_ref().filter(|failure| failure.since.elapsed() < PAUSE)?;
        Some(Error::Unreachable { request: request.clone(), cause: cause.clone() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn only_what_is_out_of_reach_is_an_outage() {
        let outage = Outage::default();
        outage.note(&Error::NotFound("no such manifest".to_owned()));
        assert!(outage.last().is_none());
        let cause = Unreachable::Lookup { host: "hub".to_owned(), reason: "no such host".to_owned() };
        outage.note(&Error::Unreachable { request: "Get".to_owned(), cause });
        assert_eq!(outage.last().unwrap().to_string(), "Get: dial tcp: lookup hub: no such host");
        outage.0.lock().as_mut().unwrap().since -= PAUSE;
        assert!(outage.last().is_none());
    }
}
