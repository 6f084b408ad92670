//! Helpers that read and write containers' files, of containers that run and of those that don't.

use super::Case;
use super::host::{Host, read_all};
use runtime::files::protocol::{Said, Wish, WriteOptions};
use runtime::zygote::Zygote;
use std::io::Write;
use std::net::Shutdown;
use std::os::fd::OwnedFd;

pub(crate) const CASES: &[Case] = &[
    ("files_go_in_and_out", files_go_in_and_out),
    ("a_helper_does_not_see_what_the_kernel_shows", a_helper_does_not_see_what_the_kernel_shows),
    ("a_helper_ends_with_its_container", a_helper_ends_with_its_container),
];

fn said(control: &OwnedFd) -> Option<Said> {
    runtime::wire::receive(control).unwrap().map(|(said, _)| said)
}

fn write(host: &mut Host, container: &str, text: &str) {
    let mut header = tar::Header::new_ustar();
    header.set_mode(0o600);
    header.set_uid(5);
    header.set_gid(6);
    header.set_size(text.len() as u64);
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_data(&mut header, "new/file", text.as_bytes()).unwrap();
    let options = WriteOptions::default();
    let (control, mut archive) = host.files(container, Wish::Write { path: "/tmp".into(), options });
    assert!(matches!(said(&control), Some(Said::Ready)));
    archive.write_all(&builder.into_inner().unwrap()).unwrap();
    archive.shutdown(Shutdown::Write).unwrap();
    let end = said(&control);
    assert!(matches!(end, Some(Said::Done)), "{end:?}");
}

fn read(host: &mut Host, container: &str) -> (Vec<u8>, u64, String) {
    let (control, mut archive) = host.files(container, Wish::Read { path: "/tmp/new/file".into() });
    let Some(Said::Stat(stat)) = said(&control) else { panic!("no stat") };
    assert_eq!((stat.name.as_str(), stat.mode), ("file", 0o100_600));
    let bytes = read_all(&mut archive);
    assert!(matches!(said(&control), Some(Said::Done)));
    let mut tar = tar::Archive::new(&bytes[..]);
    let mut entry = tar.entries().unwrap().next().unwrap().unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
    (entry.path_bytes().into_owned(), entry.header().uid().unwrap(), text)
}

fn files_go_in_and_out(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["sleep", "1000"], |_, _| {});
    host.start_container("c1");
    write(&mut host, "c1", "running");
    assert_eq!(read(&mut host, "c1"), (b"file".to_vec(), 5, "running".to_owned()));
    host.done(runtime::keeper::protocol::Request::Signal { id: "c1".into(), signal: libc::SIGKILL, all: false });
    host.exit("c1");
    host.forget("c1");
    assert_eq!(read(&mut host, "c1").2, "running", "what was written is in its own layer");
    write(&mut host, "c1", "stopped");
    assert_eq!(read(&mut host, "c1").2, "stopped");
}

fn a_helper_does_not_see_what_the_kernel_shows(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["sleep", "1000"], |_, _| {});
    host.start_container("c1");
    for path in ["/proc/self/status", "/proc/1/root", "/dev/null", "/dev/pts/ptmx"] {
        let (control, _archive) = host.files("c1", Wish::Stat { path: path.into() });
        let answer = said(&control);
        assert!(matches!(answer, Some(Said::Failed(_))), "{path}: {answer:?}");
    }
}

fn a_helper_ends_with_its_container(zygote: &Zygote) {
    let mut host = Host::start(zygote);
    host.create("c1", &["sh", "-c", "dd if=/dev/zero of=/tmp/big bs=1M count=8; echo; sleep 1000"], |_, _| {});
    let (mut stream, _) = host.attach("c1", super::host::STREAMS, false);
    host.start_container("c1");
    super::host::read_until(&mut stream, "\n");
    // Nobody reads the archive: the helper waits, and its container ends.
    let (control, mut archive) = host.files("c1", Wish::ReadAll);
    assert!(matches!(said(&control), Some(Said::Ready)));
    host.done(runtime::keeper::protocol::Request::Signal { id: "c1".into(), signal: libc::SIGKILL, all: false });
    host.exit("c1");
    let cut = read_all(&mut archive);
    assert!(cut.len() < 8 << 20, "{}", cut.len());
    assert!(said(&control).is_none(), "it was killed");
}
