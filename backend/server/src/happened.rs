//! What happens on a virtual host that its learner is to be told of.

use engine::{VirtualHost, host};
use protocol::message::{Ended, Happened};
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Tells what is ended because memory is used up, until the host ends.
pub(crate) async fn follow(host: Arc<VirtualHost>, happened: broadcast::Sender<Happened>) {
    let mut shortages = host.shortages();
    loop {
        match shortages.recv().await {
            // Without a tab that listens nobody is told.
            Ok(shortage) => drop(happened.send(out_of_memory(shortage))),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn out_of_memory(shortage: host::Shortage) -> Happened {
    let ended = match shortage.ended {
        host::Ended::Container { name, .. } if shortage.of_host => Ended::Container(name),
        host::Ended::Container { name, .. } => Ended::InContainer(name),
        host::Ended::Process { is_shell: true, .. } => Ended::Shell,
        host::Ended::Process { command, .. } => Ended::Process(command),
    };
    Happened::OutOfMemory { ended }
}
