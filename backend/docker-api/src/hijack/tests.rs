#![allow(clippy::unwrap_used)]
use super::*;

struct Ends {
    client: UnixStream,
    process: UnixStream,
    copying: tokio::task::JoinHandle<io::Result<End>>,
}

/// A client and a process with [`copy`] between them.
fn connect(stdin: bool, detector: Option<Detector>) -> Ends {
    let (client, ours) = UnixStream::pair().unwrap();
    let (process, its) = UnixStream::pair().unwrap();
    let copying = tokio::spawn(copy(ours, b"early ".to_vec(), std::future::ready(Some(its)), stdin, detector));
    Ends { client, process, copying }
}

async fn read_to_end(stream: &mut UnixStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    bytes
}

#[tokio::test]
async fn output_goes_on_after_the_end_of_input() {
    let mut ends = connect(true, None);
    ends.client.write_all(b"late").await.unwrap();
    ends.client.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut ends.process).await, b"early late");
    ends.process.write_all(b"answer").await.unwrap();
    drop(ends.process);
    assert_eq!(read_to_end(&mut ends.client).await, b"answer");
    ends.copying.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_without_input_does_not_end_the_process_input() {
    let mut ends = connect(false, None);
    ends.client.write_all(b"ignored").await.unwrap();
    ends.client.shutdown().await.unwrap();
    ends.process.write_all(b"output").await.unwrap();
    let mut output = [0; 6];
    ends.client.read_exact(&mut output).await.unwrap();
    assert_eq!(&output, b"output");
    let nothing = ends.process.try_read(&mut [0; 1]).unwrap_err();
    assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_process_that_closed_its_input_is_still_heard() {
    let mut ends = connect(true, None);
    ends.process.read_exact(&mut [0; 6]).await.unwrap();
    let process = ends.process.into_std().unwrap();
    process.shutdown(std::net::Shutdown::Read).unwrap();
    let mut process = UnixStream::from_std(process).unwrap();
    ends.client.write_all(b"lost").await.unwrap();
    ends.client.write_all(b"lost").await.unwrap();
    process.write_all(b"heard").await.unwrap();
    drop(process);
    assert_eq!(read_to_end(&mut ends.client).await, b"heard");
}

#[tokio::test]
async fn detaching_leaves_the_process() {
    let mut ends = connect(true, Some(Detector::new(DetachKeys::default())));
    ends.client.write_all(b"ls\x10\x11").await.unwrap();
    assert_eq!(read_to_end(&mut ends.client).await, b"");
    assert_eq!(ends.copying.await.unwrap().unwrap(), End::Detached);
    assert_eq!(read_to_end(&mut ends.process).await, b"early ls");
}

#[tokio::test]
async fn a_client_that_is_gone_is_noticed() {
    let (client, ours) = UnixStream::pair().unwrap();
    drop(client);
    // Whether saying goodbye to nobody succeeds is of no interest, only that waiting for the process ends.
    let _ = copy(ours, Vec::new(), std::future::pending(), false, None).await;
}

#[tokio::test]
async fn a_start_that_fails_ends_the_attach() {
    let (mut client, ours) = UnixStream::pair().unwrap();
    copy(ours, Vec::new(), std::future::ready(None), true, None).await.unwrap();
    assert_eq!(read_to_end(&mut client).await, b"");
}
