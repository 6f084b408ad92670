//! The preflight of a workshop that is open: what is known of it, for the instructor to see, and to begin again.

use super::{Need, Plan, provide};
use engine::image::Provider;
use parking_lot::{Mutex, MutexGuard};
use protocol::instructor::{self, ImageState, NeededImage};
use std::path::PathBuf;
use std::sync::Arc;

/// Lives as long as the server.
pub(crate) struct Preflight {
    plan: Plan,
    recipes: PathBuf,
    provider: Provider,
    workshop: String,
    internet: bool,
    /// Called after each image that has come: hosts must hear of it.
    on_image: Box<dyn Fn() + Send + Sync>,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    running: bool,
    /// One for each of the plan's images.
    states: Vec<ImageState>,
}

impl Preflight {
    /// Nothing is looked at before [`begin`](Self::begin) or [`check`](Self::check).
    pub(crate) fn new(
        plan: Plan,
        recipes: PathBuf,
        provider: Provider,
        workshop: String,
        internet: bool,
        on_image: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let states = vec![ImageState::Waiting; plan.images.len()];
        let progress = Mutex::new(Progress { running: false, states });
        Self { plan, recipes, provider, workshop, internet, on_image: Box::new(on_image), progress }
    }

    /// Builds and fetches what is missing, beside everything else. Does nothing while it is at it.
    pub(crate) fn begin(self: &Arc<Self>) {
        if let Some(running) = Running::begin(self) {
            tokio::spawn(async move { running.0.run(false).await });
        }
    }

    /// Looks which images are there, and leaves it at that.
    pub(crate) async fn check(self: &Arc<Self>) {
        if let Some(running) = Running::begin(self) {
            running.0.run(true).await;
        }
    }

    /// How it stands.
    pub(crate) fn now(&self) -> instructor::Preflight {
        let progress = self.lock();
        let image = |(need, state): (&Need, &ImageState)| NeededImage {
            name: need.image.clone(),
            places: need.places.clone(),
            state: state.clone(),
        };
        instructor::Preflight {
            workshop: self.workshop.clone(),
            running: progress.running,
            internet: self.internet,
            images: self.plan.images.iter().zip(&progress.states).map(image).collect(),
            online: self.plan.online.clone(),
            unread: self.plan.unread.clone(),
        }
    }

    async fn run(&self, dry: bool) {
        let look = |index: usize, state: ImageState| {
            let need = &self.plan.images[index];
            match &state {
                ImageState::Built | ImageState::Pulled => {
                    eprintln!("lernhafen: {need} was {}", state.word());
                    (self.on_image)();
                }
                ImageState::Missing { reason } if !dry => eprintln!("lernhafen: {need} is missing: {reason}"),
                _ => {}
            }
            self.lock().states[index] = state;
        };
        provide(&self.plan.images, &self.recipes, &self.provider, dry, look).await;
        let images = self.plan.images.len();
        match self.lock().states.iter().filter(|state| state.is_missing()).count() {
            _ if dry => {}
            0 => eprintln!("lernhafen: all {images} images that deck and labs need are there"),
            missing => eprintln!("lernhafen: {missing} of {images} images that deck and labs need are missing"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock()
    }
}

/// That it runs, until this is dropped: also if it breaks down.
struct Running(Arc<Preflight>);

impl Running {
    fn begin(preflight: &Arc<Preflight>) -> Option<Self> {
        let mut progress = preflight.lock();
        if std::mem::replace(&mut progress.running, true) {
            return None;
        }
        progress.states.fill(ImageState::Waiting);
        Some(Self(preflight.clone()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lock().running = false;
    }
}

impl std::fmt::Debug for Preflight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Preflight").field("plan", &self.plan).field("progress", &self.progress).finish_non_exhaustive()
    }
}
