//! Sees to it that what is needed is there.

use super::Need;
use engine::image::recipe::{self, Event, Recipe};
use engine::image::{Progress, Provider};
use protocol::instructor::ImageState;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Builds or fetches what the catalogue lacks, one after the other. `look` sees every change of each, by its place in `needs`. With `dry`
/// nothing is done.
pub(crate) async fn provide(
    needs: &[Need],
    recipes: &Path,
    provider: &Provider,
    dry: bool,
    mut look: impl FnMut(usize, ImageState),
) {
    let recipes = Arc::new(load(recipes));
    for (index, need) in needs.iter().enumerate() {
        let state = if provider.store().offers_image(&need.image) {
            ImageState::There
        } else if dry {
            let not_yet = if has_recipe(&recipes, &need.image) { "not built yet" } else { "not fetched yet" };
            ImageState::Missing { reason: not_yet.to_owned() }
        } else {
            one(&need.image, &recipes, provider, |state| look(index, state)).await
        };
        look(index, state);
    }
}

/// Tells what it is about, and returns how it ended.
async fn one(
    image: &str,
    recipes: &Arc<Vec<Recipe>>,
    provider: &Provider,
    mut look: impl FnMut(ImageState),
) -> ImageState {
    let mut why = String::new();
    if has_recipe(recipes, image) {
        match build(image, recipes, provider, &mut look).await {
            Ok(()) if provider.store().offers_image(image) => return ImageState::Built,
            // The recipe's package has another version than the one that is wanted.
            Ok(()) => {}
            Err(error) => why = format!("{error}; "),
        }
    }
    look(ImageState::Fetching { percent: None });
    let mut layers = Layers::default();
    let pulled = provider.pull(image, |line| {
        if let Some(percent) = layers.note(line) {
            look(ImageState::Fetching { percent: Some(percent) });
        }
    });
    match pulled.await {
        Ok(_) => ImageState::Pulled,
        Err(error) => ImageState::Missing { reason: format!("{why}{error}") },
    }
}

async fn build(
    image: &str,
    recipes: &Arc<Vec<Recipe>>,
    provider: &Provider,
    look: &mut impl FnMut(ImageState),
) -> Result<(), String> {
    look(ImageState::Building { step: String::new() });
    let (recipes, store, wanted) = (recipes.clone(), provider.store().clone(), image.to_owned());
    let (steps, mut told) = mpsc::unbounded_channel();
    let named = wanted.clone();
    let built = tokio::task::spawn_blocking(move || {
        let selected = recipe::select(recipes.to_vec(), &[wanted])?;
        let failed = recipe::build_all(&selected, &store, true, &|recipe, event| {
            if let Event::Step(step) = event {
                // What it lies on may have to be built first.
                let own = recipe.name.contains(&named);
                // Nobody may want to know any more.
                let _ = steps.send(if own { step.to_owned() } else { format!("{}: {step}", recipe.name[0]) });
            }
        });
        failed.into_iter().next().map_or(Ok(()), Err)
    });
    while let Some(step) = told.recv().await {
        look(ImageState::Building { step });
    }
    match built.await {
        Ok(built) => built.map_err(|error| error.to_string()),
        Err(error) => Err(format!("the build broke down: {error}")),
    }
}

/// How far an image's layers are.
#[derive(Debug, Default)]
struct Layers(HashMap<String, (u64, u64)>);

impl Layers {
    /// Percent of the bytes that are known to come, if the line says anything about it. Unpacking counts again, and isn't counted here.
    fn note(&mut self, line: &Progress) -> Option<u8> {
        match line {
            Progress::Layer { id, status: "Downloading", done: Some(done) } => drop(self.0.insert(id.clone(), *done)),
            Progress::Layer { id, status: "Download complete", .. } => {
                let (done, of) = self.0.get_mut(id)?;
                *done = *of;
            }
            _ => return None,
        }
        let sum = |of: fn(&(u64, u64)) -> u64| self.0.values().map(of).fold(0, u64::saturating_add);
        let (done, all) = (sum(|layer| layer.0), sum(|layer| layer.1));
        u8::try_from(u128::from(done) * 100 / u128::from(all.max(1))).ok().map(|percent| percent.min(100))
    }
}

fn has_recipe(recipes: &[Recipe], image: &str) -> bool {
    let repository = |name: &str| name.rsplit_once(':').map_or(name.to_owned(), |(name, _)| name.to_owned());
    recipes.iter().any(|recipe| recipe.name.iter().any(|name| repository(name) == repository(image)))
}

/// Where there are none, nothing can be built, and registries must do.
fn load(recipes: &Path) -> Vec<Recipe> {
    match Recipe::load_all(recipes) {
        Ok(recipes) => recipes,
        Err(error) => {
            tracing::warn!("no image can be built here: {error}");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_counted_together() {
        let mut layers = Layers::default();
        let mut note = |id: &str, status, done| layers.note(&Progress::Layer { id: id.to_owned(), status, done });
        assert_eq!(note("a", "Pulling fs layer", None), None);
        assert_eq!(note("a", "Downloading", Some((10, 100))), Some(10));
        assert_eq!(note("b", "Downloading", Some((0, 300))), Some(2));
        assert_eq!(note("a", "Extracting", Some((50, 100))), None);
        assert_eq!(note("b", "Download complete", None), Some(77));
        assert_eq!(note("c", "Download complete", None), None);
        assert_eq!(note("d", "Downloading", Some((7, 0))), Some(79));
    }
}
