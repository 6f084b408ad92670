//! Work that would hold up what else a thread of the server has to do.

use crate::{Error, Result};

/// Does what blocks on a thread of its own. Errors: the work's, or that it broke off; `what` is it called then (`the commit`).
pub(crate) async fn blocking<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::system(format!("{what} broke off: {error}")))?
}
