#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use serde_json::{Value, json};
use std::thread::JoinHandle;

/// A keeper that gives these answers, one for each request, and tells in the end what it was asked.
fn scripted(answers: Vec<Value>) -> (Keeper, mpsc::UnboundedReceiver<Event>, JoinHandle<Vec<Value>>) {
    let (ours, theirs) = wire::pair().unwrap();
    let keeper = std::thread::spawn(move || {
        let mut answers = answers.into_iter();
        let mut asked = Vec::new();
        while let Some((request, _)) = wire::receive::<Numbered<Value>>(&theirs).unwrap() {
            let body = answers.next().unwrap();
            // Beside a greeting, whatever is open.
            let files = [theirs.as_fd(), theirs.as_fd()];
            let files = if body.get("Hello").is_some() { &files[..] } else { &[] };
            wire::send(&theirs, &json!({ "Reply": { "seq": request.seq, "body": body } }), files).unwrap();
            asked.push(request.body);
        }
        asked
    });
    let ours = std::os::unix::net::UnixStream::from(ours);
    ours.set_nonblocking(true).unwrap();
    let (client, events) = Keeper::over(UnixStream::from_std(ours).unwrap());
    (client, events, keeper)
}

/// Waits elsewhere: the connection is closed by a task of this thread.
async fn all(asked: JoinHandle<Vec<Value>>) -> Vec<Value> {
    tokio::task::spawn_blocking(|| asked.join().unwrap()).await.unwrap()
}

fn hello(version: u32) -> Value {
    json!({ "Hello": { "pid": 7, "init": 9, "version": version, "processes": [], "files": ["UserNamespace", "NetworkNamespace"] } })
}

#[tokio::test]
async fn an_old_keeper_is_not_asked_what_it_does_not_know() {
    let (mut keeper, _events, asked) = scripted(vec![hello(1), json!("Done")]);
    keeper.greet().await.unwrap();
    let failure = keeper.request(Request::Terminal { id: "shell-0".to_owned() }).await.unwrap_err();
    assert_eq!((failure.kind, Error::from(failure).kind), (FailureKind::TooOld, Kind::NotImplemented));
    keeper.request(Request::Start { id: "c1".to_owned() }).await.unwrap();
    assert!(!keeper.has_gone(), "it hung up");
    drop(keeper);
    assert_eq!(all(asked).await, [json!("Hello"), json!({ "Start": { "id": "c1" } })]);
}

#[tokio::test]
async fn what_a_newer_keeper_says_is_no_end() {
    let unknown = json!({ "Danced": { "steps": 3 } });
    let (mut keeper, _events, asked) = scripted(vec![hello(VERSION + 1), unknown, json!("Done")]);
    keeper.greet().await.unwrap();
    let start = || Request::Start { id: "c1".to_owned() };
    let failure = keeper.request(start()).await.unwrap_err();
    assert!(failure.message.contains("isn't known here"), "{failure:?}");
    keeper.request(start()).await.unwrap();
    assert!(understand(br#"{"Event":{"Danced":{}}}"#).is_none());
    drop(keeper);
    assert_eq!(all(asked).await.len(), 3);
}
