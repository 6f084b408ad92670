//! What happened on a virtual host, in Docker's words (`docker events`).

mod filter;

pub use filter::EventFilter;

use crate::time::now;
use parking_lot::{Mutex, MutexGuard};
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// One event. The Docker API and the page's pier both read these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `container`, `image`, `network`, `volume`.
    pub kind: &'static str,
    /// `create`, `start`, `die`, `destroy`, `exec_create: sh -c …` and so on.
    pub action: String,
    /// Id of what it happened to.
    pub id: String,
    /// `image`, `name`, `exitCode`, labels, and so on.
    pub attributes: BTreeMap<String, String>,
    /// Nanoseconds since the epoch.
    pub time: i64,
}

/// How many past events `docker events --since` can see; Docker keeps 256 as well.
const KEPT: usize = 256;

/// How many events may wait for somebody who reads slowly: fifty containers that begin and end at once make some hundred.
/// More are lost for that reader, as in Docker.
const MOST_WAITING: usize = 4096;

/// The events of one virtual host.
#[derive(Debug, Default)]
pub(crate) struct EventLog(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    past: VecDeque<Event>,
    readers: Vec<mpsc::Sender<Event>>,
}

impl EventLog {
    pub(crate) fn publish(&self, kind: &'static str, action: &str, id: &str, attributes: BTreeMap<String, String>) {
        let mut inner = self.lock();
        // Under the lock: events are in the order of their times.
        let event = Event { kind, action: action.to_owned(), id: id.to_owned(), attributes, time: now() };
        inner.readers.retain(|reader| {
            let sent = reader.try_send(event.clone());
            if matches!(sent, Err(TrySendError::Full(_))) {
                tracing::debug!("a reader of events is too slow, and misses one");
            }
            !matches!(sent, Err(TrySendError::Closed(_)))
        });
        if inner.past.len() == KEPT {
            inner.past.pop_front();
        }
        inner.past.push_back(event);
    }

    /// What has been, and what will be, without a gap or an overlap.
    pub(crate) fn subscribe(&self) -> (Vec<Event>, mpsc::Receiver<Event>) {
        let mut inner = self.lock();
        let (reader, events) = mpsc::channel(MOST_WAITING);
        inner.readers.retain(|reader| !reader.is_closed());
        inner.readers.push(reader);
        (inner.past.iter().cloned().collect(), events)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_hears_everything_once_and_one_that_does_not_read_costs_no_more() {
        let log = EventLog::default();
        let publish = |id: usize| log.publish("container", "start", &id.to_string(), BTreeMap::new());
        (0..3).for_each(publish);
        let (past, mut coming) = log.subscribe();
        let (_, mut deaf) = log.subscribe();
        assert_eq!(past.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["0", "1", "2"]);
        for id in 3..2 * MOST_WAITING {
            publish(id);
            assert_eq!(coming.recv().await.map(|event| event.id), Some(id.to_string()));
        }
        assert_eq!(deaf.len(), MOST_WAITING);
        deaf.close();
        publish(0);
        assert_eq!(log.lock().readers.len(), 1);
        assert_eq!(log.lock().past.len(), KEPT);
    }
}
