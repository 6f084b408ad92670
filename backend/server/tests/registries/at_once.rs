//! One layer that many want at the same time.

use crate::common::{Engine, eventually};
use crate::relay::Way;
use crate::{BIG, big, is_unpacking, stored};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread;

/// A pull that is going on.
struct Client {
    stream: UnixStream,
    heard: Arc<Mutex<String>>,
}

impl Client {
    fn pull(engine: &Engine) -> Self {
        let mut stream = UnixStream::connect(engine.socket()).unwrap();
        let request = format!(
            "POST /images/create?fromImage={BIG}&tag=latest HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let heard = Arc::new(Mutex::new(String::new()));
        let (mut from, to) = (stream.try_clone().unwrap(), heard.clone());
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                to.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        Self { stream, heard }
    }

    fn has_heard(&self, words: &str) -> bool {
        self.heard.lock().unwrap().contains(words)
    }

    fn go_away(&self) {
        self.stream.shutdown(Shutdown::Both).unwrap();
    }
}

#[test]
fn thirty_who_want_the_same_get_it_from_one_download() {
    let (engine, registry, way) = big();
    let before = stored(&engine);
    let layer = registry.blobs()[0].clone();
    let asked = || registry.count(&format!("GET /v2/big/blobs/{layer} "));
    let all_hear = |clients: &[Client], words: &str| {
        eventually(words, || clients.iter().all(|client| client.has_heard(words)));
    };

    // All go away in the middle: nothing is left of it.
    way.set(Way::Held(1 << 20));
    let clients: Vec<Client> = (0..30).map(|_| Client::pull(&engine)).collect();
    all_hear(&clients, "\"Downloading\"");
    assert!(is_unpacking(&engine));
    clients.iter().for_each(Client::go_away);
    eventually("the download ends", || stored(&engine) == before);
    way.set(Way::Free);

    // One goes away in the middle, and it is the one that began: the others go on.
    way.set(Way::Held(1 << 20));
    let first = Client::pull(&engine);
    eventually("progress", || first.has_heard("\"Downloading\""));
    let clients: Vec<Client> = (1..30).map(|_| Client::pull(&engine)).collect();
    all_hear(&clients, "\"Downloading\"");
    first.go_away();
    way.set(Way::Free);
    all_hear(&clients, &format!("Status: Downloaded newer image for {BIG}:latest"));
    assert_eq!(asked(), 2, "once before, once now");
    assert!(!is_unpacking(&engine));
    assert_eq!(stored(&engine).len(), before.len() + 2, "the layer, and what it came in");
    engine.docker(&["run", "--rm", BIG, "test", "-s", "/big"]).ok();
}
