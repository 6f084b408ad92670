//! What a server answers with, piece by piece.

use super::connect::Connection;
use super::pool::Pool;
use super::{Failure, Origin};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A body that is being received. Dropped before its end, it takes the connection with it.
#[derive(Debug)]
pub(crate) struct Body {
    pub(super) incoming: Incoming,
    /// Gone when all has been read.
    pub(super) connection: Option<Connection>,
    /// Where the connection goes then; `None` if it is of no more use.
    pub(super) home: Option<(Origin, Arc<Pool>)>,
    /// Of a request that was answered before all of it was sent. Ending it would end the connection, and the answer.
    pub(super) _unsent: Option<mpsc::Sender<Bytes>>,
    pub(super) stall: Duration,
    pub(super) whole: Duration,
}

impl Body {
    /// `None`: that was all.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            let frame = timeout(self.stall, self.incoming.frame()).await.map_err(|_| Failure::Silent(self.stall))?;
            match frame {
                None => {
                    if let (Some(connection), Some((origin, pool))) = (self.connection.take(), self.home.take()) {
                        pool.put(origin, connection);
                    }
                    return Ok(None);
                }
                Some(frame) => match frame.map_err(|e| Failure::of_http(&e))?.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Ok(Some(data)),
                    // Trailers tell nothing of use.
                    Err(_) => {}
                },
            }
        }
    }

    /// All of a small body.
    pub(crate) async fn collect(mut self, limit: usize) -> Result<Bytes, Failure> {
        let whole = self.whole;
        let collecting = async {
            let mut all = BytesMut::new();
            while let Some(chunk) = self.chunk().await? {
                if all.len() + chunk.len() > limit {
                    return Err(Failure::TooLarge(limit));
                }
                all.extend_from_slice(&chunk);
            }
            Ok(all.freeze())
        };
        timeout(whole, collecting).await.unwrap_or(Err(Failure::Slow(whole)))
    }
}
