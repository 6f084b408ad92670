//! Fanout and viewers together, over sockets in a shell's place.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::terminal::{Size, Terminals};
use crate::testing::{Ends, Pairs};
use protocol::message::MAX_TERMINALS;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

struct Fixture {
    terminals: Terminals,
    ends: mpsc::UnboundedReceiver<UnixStream>,
    sizes: mpsc::UnboundedReceiver<Size>,
    ended: mpsc::UnboundedReceiver<u8>,
}

fn fixture() -> Fixture {
    let (pairs, Ends { ends, sizes, ended }) = Pairs::new();
    Fixture { terminals: Terminals::new(Arc::new(pairs), &[]), ends, sizes, ended }
}

const SIZE: Size = Size { rows: 24, cols: 80 };

impl Fixture {
    fn fanout(&self) -> Arc<Fanout> {
        self.terminals.open(0, SIZE).unwrap()
    }
}

/// How many old bytes follow.
async fn opened(viewer: &mut Viewer) -> u64 {
    match viewer.next().await {
        View::Opened { replay } => replay,
        other => panic!("{other:?}"),
    }
}

/// Everything up to `length` bytes, drawn at once.
async fn draw(viewer: &mut Viewer, length: usize) -> Vec<u8> {
    let mut drawn = Vec::new();
    while drawn.len() < length {
        match viewer.next().await {
            View::Bytes(bytes) => drawn.extend(bytes),
            other => panic!("{other:?} after {} bytes", drawn.len()),
        }
        viewer.fanout.drawn(viewer.id, drawn.len() as u64);
    }
    drawn
}

#[tokio::test]
async fn what_is_typed_reaches_the_shell_and_what_it_shows_each_viewer() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    let (mut first, mut second) = (Viewer::new(fanout.clone()), Viewer::new(fanout.clone()));
    assert_eq!(opened(&mut first).await, 0);
    assert_eq!(opened(&mut second).await, 0);
    let mut shell = fixture.ends.recv().await.unwrap();
    fanout.type_bytes(b"ls\r").unwrap();
    let mut typed = [0; 3];
    shell.read_exact(&mut typed).await.unwrap();
    assert_eq!(&typed, b"ls\r");
    shell.write_all(b"datei").await.unwrap();
    assert_eq!(draw(&mut first, 5).await, b"datei");
    assert_eq!(draw(&mut second, 5).await, b"datei");
}

/// Everything up to the next word on the size.
async fn size(viewer: &mut Viewer) -> Shared {
    loop {
        if let View::Size(shared) = viewer.next().await {
            return shared;
        }
    }
}

#[tokio::test]
async fn the_size_is_of_who_types_last_and_comes_back_when_that_one_goes() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    let [wide, narrow, wider] = [120, 60, 130].map(|cols| Size { rows: 30, cols });
    let (mut first, mut second) = (Viewer::new(fanout.clone()), Viewer::new(fanout.clone()));
    fanout.resize(first.id(), wide);
    fanout.resize(second.id(), narrow);
    assert_eq!(size(&mut first).await, Shared { size: wide, leads: true });
    assert_eq!(size(&mut second).await, Shared { size: wide, leads: false }, "who comes only looks on");
    let _shell = fixture.ends.recv().await.unwrap();

    fanout.led_by(second.id());
    assert_eq!(size(&mut first).await, Shared { size: narrow, leads: false });
    assert_eq!(size(&mut second).await, Shared { size: narrow, leads: true });
    fanout.resize(first.id(), wider);
    drop(second);
    assert_eq!(size(&mut first).await, Shared { size: wider, leads: true }, "as it is by then");
    assert_eq!(*fanout.size.borrow(), wider);
}

#[tokio::test]
async fn a_late_viewer_gets_the_screen_back() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    let mut first = Viewer::new(fanout.clone());
    first.next().await;
    let mut shell = fixture.ends.recv().await.unwrap();
    shell.write_all(b"schon da").await.unwrap();
    draw(&mut first, 8).await;
    let mut late = Viewer::new(fanout);
    assert_eq!(opened(&mut late).await, 8);
    assert_eq!(draw(&mut late, 8).await, b"schon da");
}

#[tokio::test]
async fn a_shell_waits_for_a_viewer_that_does_not_draw() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    let mut viewer = Viewer::new(fanout.clone());
    viewer.next().await;
    let mut shell = fixture.ends.recv().await.unwrap();
    let total = 3 * WINDOW;
    let writer = tokio::spawn(async move { shell.write_all(&vec![b'x'; total]).await.map(|()| shell) });
    let mut seen = 0;
    while seen < WINDOW {
        let View::Bytes(bytes) = viewer.next().await else { panic!("bytes") };
        seen += bytes.len();
    }
    assert_eq!(seen, WINDOW);
    assert_eq!(fanout.lock().ring.end(), WINDOW as u64);
    assert!(!writer.is_finished());
    fanout.drawn(viewer.id(), seen as u64);
    while seen < total {
        let View::Bytes(bytes) = viewer.next().await else { panic!("bytes") };
        seen += bytes.len();
        fanout.drawn(viewer.id(), seen as u64);
    }
    writer.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_viewer_that_falls_behind_begins_again() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    let (mut fast, mut slow) = (Viewer::new(fanout.clone()), Viewer::new(fanout.clone()));
    fast.next().await;
    slow.next().await;
    let mut shell = fixture.ends.recv().await.unwrap();
    let total = 2 * WINDOW + 10;
    let writer = tokio::spawn(async move { shell.write_all(&vec![b'x'; total]).await.map(|()| shell) });
    draw(&mut fast, total).await;
    assert_eq!(opened(&mut slow).await, WINDOW as u64);
    writer.await.unwrap().unwrap();
}

#[tokio::test]
async fn without_viewers_a_shell_does_not_wait() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    let mut shell = fixture.ends.recv().await.unwrap();
    shell.write_all(&vec![b'x'; 3 * WINDOW]).await.unwrap();
    let mut viewer = Viewer::new(fanout);
    assert!(matches!(viewer.next().await, View::Opened { .. }));
}

#[tokio::test]
async fn after_exit_a_new_shell_begins_on_an_empty_screen() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    let mut viewer = Viewer::new(fanout.clone());
    viewer.next().await;
    let mut shell = fixture.ends.recv().await.unwrap();
    shell.write_all(b"logout").await.unwrap();
    draw(&mut viewer, 6).await;
    drop(shell);
    assert_eq!(opened(&mut viewer).await, 0);
    let mut shell = fixture.ends.recv().await.unwrap();
    shell.write_all(b"neu").await.unwrap();
    assert_eq!(draw(&mut viewer, 3).await, b"neu");
}

#[tokio::test]
async fn the_last_size_wins() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    Viewer::new(fanout.clone()).next().await;
    let size = Size { rows: 30, cols: 100 };
    fanout.resize(0, size);
    assert_eq!(fixture.sizes.recv().await, Some(size));
}

#[tokio::test]
async fn a_terminal_without_a_shell_is_given_up_until_it_is_restarted() {
    let mut fixture = fixture();
    let sender = std::mem::replace(&mut fixture.ends, mpsc::unbounded_channel().1);
    drop(sender);
    let mut viewer = Viewer::new(fixture.fanout());
    for _ in 0..2 {
        match viewer.next().await {
            View::Failed(error) => assert_eq!(error.message, "no more shells"),
            other => panic!("{other:?}"),
        }
        fixture.terminals.restart(0).await.unwrap();
    }
}

#[tokio::test]
async fn terminals_are_there_until_they_are_closed() {
    let mut fixture = fixture();
    let mut numbers = fixture.terminals.numbers();
    assert_eq!(*numbers.borrow_and_update(), [0], "there is always one");
    let (_, mut viewer) = (fixture.fanout(), Viewer::new(fixture.terminals.open(3, SIZE).unwrap()));
    assert_eq!(*numbers.borrow_and_update(), [0, 3]);
    fixture.terminals.close(3).await.unwrap();
    assert_eq!(fixture.ended.recv().await, Some(3));
    assert_eq!(*numbers.borrow_and_update(), [0]);
    while !matches!(viewer.next().await, View::Closed) {}
    fixture.terminals.close(0).await.unwrap();
    assert!(fixture.ended.try_recv().is_err(), "the last one stays");
    assert_eq!(*numbers.borrow_and_update(), [0]);
}

#[tokio::test]
async fn shells_that_ran_before_are_terminals() {
    let (pairs, mut ends) = Pairs::new();
    let terminals = Terminals::new(Arc::new(pairs), &[1, 4, 5, 200]);
    assert_eq!(*terminals.numbers().borrow(), [1, 4]);
    assert!(ends.ends.try_recv().is_err(), "nobody looks at them");
}

#[tokio::test]
async fn input_for_a_shell_that_does_not_read_is_bounded() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    Viewer::new(fanout.clone()).next().await;
    let _shell = fixture.ends.recv().await.unwrap();
    let refused = (0..100).find(|_| fanout.type_bytes(&[b'x'; 64 * 1024]).is_err());
    assert!(refused.is_some());
}

#[tokio::test]
async fn there_are_only_so_many_terminals() {
    assert!(fixture().terminals.open(MAX_TERMINALS, SIZE).is_none());
}

#[tokio::test]
async fn viewers_learn_that_the_host_has_gone() {
    let fixture = fixture();
    let mut viewer = Viewer::new(fixture.fanout());
    viewer.next().await;
    drop(fixture.terminals);
    assert!(matches!(viewer.next().await, View::Closed));
}

#[tokio::test]
async fn what_is_typed_before_the_first_shell_reaches_it() {
    let mut fixture = fixture();
    let fanout = fixture.fanout();
    fanout.type_bytes(b"ls\r").unwrap();
    let mut shell = fixture.ends.recv().await.unwrap();
    let mut typed = [0; 3];
    shell.read_exact(&mut typed).await.unwrap();
    assert_eq!(&typed, b"ls\r");
}
