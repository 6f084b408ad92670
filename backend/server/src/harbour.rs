//! What is on a virtual host, for the page's pier.

use engine::container::ListOptions;
use engine::container::{Container, Status};
use engine::image::{ImageFilter, ImageSummary};
use engine::{Result, VirtualHost};
use protocol::harbour::{Cargo, Harbour, Limits, Ship, ShipState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// `docker run` alone makes half a dozen events: they are shown as one change.
const DEBOUNCE: Duration = Duration::from_millis(50);

/// What is there now.
pub(crate) fn read(host: &VirtualHost) -> Result<Harbour> {
    let mut containers = host.containers(&ListOptions { all: true, ..ListOptions::default() })?;
    containers.sort_by_key(|container| container.created);
    let (limits, shared) = (host.limits(), host.shared_images()?);
    Ok(Harbour {
        containers: containers.iter().map(ship).collect(),
        images: host
            .images(&ImageFilter { all: true, ..ImageFilter::default() })?
            .iter()
            .flat_map(|image| cargo(image, !shared.contains(&image.image.id)))
            .collect(),
        limits: Limits { memory: limits.memory, pids: limits.pids, millicpus: limits.millicpus },
    })
}

/// Keeps `harbour` true until the host ends.
pub(crate) async fn follow(host: Arc<VirtualHost>, harbour: watch::Sender<Harbour>) {
    let (_, mut events) = host.events();
    loop {
        match read(&host) {
            Ok(now) => {
                harbour.send_if_modified(|old| {
                    let changed = *old != now;
                    *old = now;
                    changed
                });
            }
            Err(error) => tracing::warn!(host.id = host.id(), %error, "what is on the host can't be read"),
        }
        if events.recv().await.is_none() {
            return;
        }
        tokio::time::sleep(DEBOUNCE).await;
        while events.try_recv().is_ok() {}
    }
}

fn ship(container: &Container) -> Ship {
    let state = match container.state.status {
        Status::Created => ShipState::Created,
        Status::Running if container.state.paused => ShipState::Paused,
        Status::Running => ShipState::Running,
        Status::Restarting => ShipState::Restarting,
        Status::Exited | Status::Removing => ShipState::Exited,
    };
    let address = container.address().map(|given| given.address.to_string());
    Ship {
        id: container.id.chars().take(12).collect(),
        name: container.name.clone(),
        image: container.spec.image.clone(),
        command: container.argv.join(" "),
        state,
        exit_code: (state == ShipState::Exited).then_some(container.state.exit_code),
        address: address.filter(|_| matches!(state, ShipState::Running | ShipState::Paused)),
    }
}

fn cargo(summary: &ImageSummary, own: bool) -> Vec<Cargo> {
    let cargo = |name: &String| Cargo { name: name.clone(), size: summary.image.size, own };
    summary.image.repo_tags.iter().map(cargo).collect()
}
