//! What is on a virtual host, for the page's pier.

use engine::VirtualHost;
use engine::container::{Container, Status};
use engine::host::{Observed, Observer};
use engine::image::ImageSummary;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use protocol::harbour::{Cargo, Harbour, Limits, Ship, ShipState};
use std::sync::Arc;

/// What is there, at once and after each change that is to be seen, until the host ends.
pub(crate) fn follow(host: Arc<VirtualHost>) -> BoxStream<'static, Harbour> {
    let observer = async move {
        let observer = host.observe().await;
        let observer = observer.inspect_err(
            |error| tracing::warn!(host.id = host.id().as_str(), %error, "what is on the host can't be read"),
        );
        let limits = host.limits();
        stream::iter(observer).flat_map(move |observer| {
            let limits = Limits { memory: limits.memory, pids: limits.pids, millicpus: limits.millicpus };
            stream::unfold(Shown { observer, limits, last: None }, async |mut shown| Some((shown.next().await?, shown)))
        })
    };
    stream::once(observer).flatten().boxed()
}

struct Shown {
    observer: Observer<Observed>,
    limits: Limits,
    last: Option<Harbour>,
}

impl Shown {
    /// The next that differs from what was shown last.
    async fn next(&mut self) -> Option<Harbour> {
        loop {
            let now = Some(harbour(&self.observer.next().await?, &self.limits));
            if now != self.last {
                self.last.clone_from(&now);
                return now;
            }
        }
    }
}

fn harbour(observed: &Observed, limits: &Limits) -> Harbour {
    let own = |image: &ImageSummary| !observed.shared_images.contains(&image.image.id);
    Harbour {
        containers: observed.containers.iter().rev().map(|container| ship(container)).collect(),
        images: observed.images.iter().flat_map(|image| cargo(image, own(image))).collect(),
        limits: limits.clone(),
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
        id: container.id.short().to_owned(),
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
