#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::event::EventLog;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// What is seen is how many changes there were.
struct Counter {
    log: EventLog,
    value: AtomicUsize,
    looks: AtomicUsize,
    over: watch::Sender<bool>,
}

impl Counter {
    fn new() -> Arc<Self> {
        let (log, value, looks) = (EventLog::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { log, value, looks, over: watch::Sender::new(false) })
    }

    fn change(&self) {
        self.value.fetch_add(1, Ordering::SeqCst);
        self.log.publish("container", "start", "", BTreeMap::new());
    }

    fn looks(&self) -> usize {
        self.looks.load(Ordering::SeqCst)
    }
}

impl Source<usize> for Counter {
    fn changes(&self) -> Receiver<Event> {
        self.log.subscribe().1
    }

    async fn look(self: &Arc<Self>, _old: usize, _events: &[Event]) -> Result<usize> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        Ok(self.value.load(Ordering::SeqCst))
    }

    async fn over(&self) {
        self.over.subscribe().wait_for(|over| *over).await.unwrap();
    }
}

/// Waits until nobody looks any more.
async fn rest(view: &View<usize>) {
    while view.0.lock().await.is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn all_readers_share_one_look_at_each_change() {
    let (view, counter) = (View::default(), Counter::new());
    let mut first = view.observe(counter.clone()).await.unwrap();
    let mut second = view.observe(counter.clone()).await.unwrap();
    assert_eq!((first.next().await, second.next().await), (Some(0), Some(0)));
    for _ in 0..5 {
        counter.change();
    }
    assert_eq!((first.next().await, second.next().await), (Some(5), Some(5)));
    assert_eq!(counter.looks(), 2, "one for the first reader, and one for five changes at once");
    let mut third = view.observe(counter.clone()).await.unwrap();
    assert_eq!(third.next().await, Some(5), "who comes later sees at once what is there");
    assert_eq!(counter.looks(), 2);
}

#[tokio::test]
async fn without_readers_nobody_looks() {
    let (view, counter) = (View::default(), Counter::new());
    counter.change();
    assert_eq!(counter.looks(), 0);
    let mut reader = view.observe(counter.clone()).await.unwrap();
    assert_eq!(reader.next().await, Some(1));
    drop(reader);
    rest(&view).await;
    assert_eq!(Arc::strong_count(&counter), 1, "no task holds it");
    counter.change();
    assert_eq!(counter.looks(), 1);
    let mut reader = view.observe(counter.clone()).await.unwrap();
    assert_eq!(reader.next().await, Some(2), "what nobody saw happen is there");
}

#[tokio::test]
async fn readers_see_the_last_of_it() {
    let (view, counter) = (View::default(), Counter::new());
    let mut reader = view.observe(counter.clone()).await.unwrap();
    assert_eq!(reader.next().await, Some(0));
    counter.value.store(7, Ordering::SeqCst);
    counter.over.send_replace(true);
    assert_eq!((reader.next().await, reader.next().await), (Some(7), None));
}
