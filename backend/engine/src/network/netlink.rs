//! A netlink connection into a namespace that is not ours.

use crate::{Error, Result};
use nix::sched::CloneFlags;
use rtnetlink::LinkMessageBuilder;
use rtnetlink::packet_route::link::{AfSpecInet6, AfSpecUnspec, In6AddrGenMode, LinkAttribute};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use tokio::task::JoinHandle;

/// A connection, for as long as the value lives. Its messages go to the namespace that it was opened in.
#[derive(Debug)]
pub(super) struct Netlink {
    handle: rtnetlink::Handle,
    connection: JoinHandle<()>,
}

impl Netlink {
    pub(super) async fn open(namespace: BorrowedFd<'_>) -> Result<Self> {
        let cannot = |e: &dyn std::fmt::Display| Error::system(format!("A network namespace can't be entered: {e}"));
        let namespace = namespace.try_clone_to_owned().map_err(|e| cannot(&e))?;
        let runtime = tokio::runtime::Handle::current();
        let (answer, opened) = tokio::sync::oneshot::channel();
        // A socket belongs to the namespace of the thread that makes it. This thread ends with that namespace,
        // where one of the runtime's would have to find its way back.
        std::thread::Builder::new()
            .name("netlink".to_owned())
            .spawn(move || {
                let _runtime = runtime.enter();
                let connection = nix::sched::setns(namespace.as_fd(), CloneFlags::CLONE_NEWNET)
                    .map_err(std::io::Error::from)
                    .and_then(|()| rtnetlink::new_connection());
                // Nobody waits any more: then nobody needs it.
                let _ = answer.send(connection);
            })
            .map_err(|e| cannot(&e))?;
        let (connection, handle, _) = opened.await.map_err(|e| cannot(&e))?.map_err(|e| cannot(&e))?;
        Ok(Self { handle, connection: tokio::spawn(connection) })
    }

    pub(super) fn handle(&self) -> &rtnetlink::Handle {
        &self.handle
    }

    /// The number of the link of that name; `None` if there is none.
    pub(super) async fn index(&self, name: &str) -> Result<Option<u32>, rtnetlink::Error> {
        use futures_util::TryStreamExt;
        let found = self.handle.link().get().match_name(name).execute().try_next().await;
        match found {
            Ok(link) => Ok(link.map(|link| link.header.index)),
            Err(error) if is(&error, nix::errno::Errno::ENODEV) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Netlink {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Whether the kernel answered with that number.
pub(super) fn is(error: &rtnetlink::Error, errno: nix::errno::Errno) -> bool {
    matches!(error, rtnetlink::Error::NetlinkError(message) if message.raw_code() == -(errno as i32))
}

/// No address that nobody asked for: a container in Docker's default network has no IPv6. Only for links that are there
/// already.
pub(super) fn without_ipv6<T>(link: LinkMessageBuilder<T>) -> LinkMessageBuilder<T> {
    // A kernel without IPv6 refuses to hear of it.
    if !Path::new("/proc/net/if_inet6").exists() {
        return link;
    }
    let none = AfSpecInet6::AddrGenMode(In6AddrGenMode::None);
    link.append_extra_attribute(LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet6(vec![none])]))
}
