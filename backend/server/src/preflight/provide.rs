//! Sees to it that what is needed is there.

use super::Need;
use engine::image::Provider;
use engine::image::recipe::{self, Event, Recipe};
use std::path::Path;
use std::sync::Arc;

/// What became of a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was there.
    There,
    /// It was built of Debian's packages.
    Built,
    /// It was fetched from its registry.
    Pulled,
    /// It isn't there, and this is why: it won't work offline, and maybe not at all.
    Missing(String),
}

impl Outcome {
    /// For people, and in `--json`.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::There => "there",
            Self::Built => "built",
            Self::Pulled => "pulled",
            Self::Missing(_) => "missing",
        }
    }
}

/// Builds or fetches what the catalogue lacks, one after the other; `look` sees what became of each. With `dry` nothing is done.
pub(crate) async fn provide(
    needs: &[Need],
    recipes: &Path,
    provider: &Provider,
    dry: bool,
    mut look: impl FnMut(&Need, &Outcome),
) -> Vec<Outcome> {
    let recipes = Arc::new(load(recipes));
    let mut outcomes = Vec::new();
    for need in needs {
        let outcome = if provider.store().offers_image(&need.image) {
            Outcome::There
        } else if dry {
            Outcome::Missing(
                if has_recipe(&recipes, &need.image) { "not built yet" } else { "not fetched yet" }.to_owned(),
            )
        } else {
            one(&need.image, &recipes, provider).await
        };
        look(need, &outcome);
        outcomes.push(outcome);
    }
    outcomes
}

async fn one(image: &str, recipes: &Arc<Vec<Recipe>>, provider: &Provider) -> Outcome {
    let mut why = String::new();
    if has_recipe(recipes, image) {
        let (recipes, store, wanted) = (recipes.clone(), provider.store().clone(), image.to_owned());
        let built = tokio::task::spawn_blocking(move || {
            let selected = recipe::select(recipes.to_vec(), &[wanted])?;
            let failed = recipe::build_all(&selected, &store, true, &|recipe, event| {
                if let Event::Step(step) = event {
                    tracing::debug!(image = recipe.name[0], step, "an image is being built");
                }
            });
            failed.into_iter().next().map_or(Ok(()), Err)
        });
        match built.await {
            Ok(Ok(())) if provider.store().offers_image(image) => return Outcome::Built,
            // The recipe's package has another version than the one that is wanted.
            Ok(Ok(())) => {}
            Ok(Err(error)) => why = format!("{error}; "),
            Err(error) => why = format!("the build broke down: {error}; "),
        }
    }
    match provider.pull(image, |_| {}).await {
        Ok(_) => Outcome::Pulled,
        Err(error) => Outcome::Missing(format!("{why}{error}")),
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
