//! Connections that wait for another request.

use super::Origin;
use super::connect::Connection;
use parking_lot::Mutex;
use std::time::Duration;

/// More than a user's concurrent downloads need.
const MOST_IDLE: usize = 8;

/// A connection says at once whether it still takes requests.
const SOON: Duration = Duration::from_secs(1);

/// The idle connections of one repository. They end with it.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<(Origin, Connection)>>,
}

impl Pool {
    /// One that was ready just now; its server may still close it any time.
    pub(super) async fn take(&self, origin: &Origin) -> Option<Connection> {
        loop {
            let mut connection = self.take_any(origin)?;
            if let Ok(Ok(())) = tokio::time::timeout(SOON, connection.sender.ready()).await {
                return Some(connection);
            }
        }
    }

    pub(super) fn put(&self, origin: Origin, connection: Connection) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST_IDLE && !connection.sender.is_closed() {
            idle.push((origin, connection));
        }
    }

    /// The one used last: it is the least likely to have been closed.
    fn take_any(&self, origin: &Origin) -> Option<Connection> {
        let mut idle = self.idle.lock();
        let place = idle.iter().rposition(|(of, _)| of == origin)?;
        Some(idle.remove(place).1)
    }
}
