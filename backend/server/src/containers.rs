//! What the page's pier shows of containers, and does with them.

use crate::harbour;
use engine::{ErrorKind, Result, VirtualHost};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use protocol::harbour::{ContainerAction, Harbour};
use std::sync::Arc;

/// What has containers: a virtual host.
pub(crate) trait Containers: Send + Sync + 'static {
    /// What is there, at once and after each change.
    fn harbour(self: Arc<Self>) -> BoxStream<'static, Harbour>;

    /// Waits until it is done.
    fn act<'a>(&'a self, id: &'a str, action: ContainerAction) -> BoxFuture<'a, Result<()>>;
}

impl Containers for VirtualHost {
    fn harbour(self: Arc<Self>) -> BoxStream<'static, Harbour> {
        harbour::follow(self)
    }

    fn act<'a>(&'a self, id: &'a str, action: ContainerAction) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let done = match action {
                ContainerAction::Stop => self.stop_container(id, None, None).await,
                ContainerAction::Kill => self.kill_container(id, None).await,
                ContainerAction::Remove => self.remove_container(id, false, false).await,
            };
            match done {
                // It has ended meanwhile: that is what was wanted.
                Err(error) if error.kind == ErrorKind::NotModified => Ok(()),
                done => done,
            }
        })
    }
}
