//! Building many recipes, each after the one that it lies on.

use super::{Base, Progress, Recipe, build};
use crate::store::{Image, Reference, Store};
use crate::{Error, Result};
use parking_lot::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// What becomes of a recipe.
#[derive(Debug)]
pub enum Event<'a> {
    /// The catalogue has it already.
    IsThere,
    /// What is being done now.
    Step(&'a str),
    Built {
        image: &'a Image,
        /// Bytes of what it has beyond its base.
        layer: u64,
        took: Duration,
    },
    /// It failed, or is not tried because its base failed.
    Failed(&'a Error),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    Failed,
}

/// Of all recipes those that are named, by directory or by image, and those that they lie on. An image that has its package's version
/// is meant by any tag: whether it is the one that is wanted shows when it is built.
///
/// # Errors
/// A name is none of theirs.
pub fn select(recipes: Vec<Recipe>, names: &[String]) -> Result<Vec<Recipe>> {
    let mut wanted = vec![false; recipes.len()];
    for name in names {
        let mut found = position(&recipes, name);
        if found.is_none() {
            let known: Vec<&str> = recipes.iter().map(Recipe::title).collect();
            return Err(Error::not_found(format!("There is no recipe of {name}, but of {}.", known.join(", "))));
        }
        while let Some(at) = found.filter(|at| !wanted[*at]) {
            wanted[at] = true;
            found = below(&recipes, at);
        }
    }
    Ok(recipes.into_iter().zip(wanted).filter_map(|(recipe, wanted)| wanted.then_some(recipe)).collect())
}

/// Builds recipes, several at once, as each waits for the network in turns. What fails keeps nothing from being built but what lies
/// on it. With `missing` only what the catalogue has not, or has of another recipe or base.
///
/// `report` is called from several threads. What has failed is returned as well.
pub fn build_all(
    recipes: &[Recipe],
    store: &Store,
    missing: bool,
    report: &(dyn Fn(&Recipe, Event<'_>) + Sync),
) -> Vec<Error> {
    let states = Mutex::new(vec![State::Waiting; recipes.len()]);
    let changed = Condvar::new();
    let errors = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(recipes.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, is_possible)) = next(recipes, &states, &changed) {
                    let recipe = &recipes[at];
                    let done = if is_possible { one(recipe, store, missing, report) } else { Err(no_base(recipe)) };
                    let state = if done.is_ok() { State::Done } else { State::Failed };
                    if let Err(error) = done {
                        report(recipe, Event::Failed(&error));
                        errors.lock().push(error);
                    }
                    states.lock()[at] = state;
                    changed.notify_all();
                }
            });
        }
    });
    errors.into_inner()
}

/// The next one to do, and whether its base is there; waits until it is known. `None`: nothing is left to do.
fn next(recipes: &[Recipe], states: &Mutex<Vec<State>>, changed: &Condvar) -> Option<(usize, bool)> {
    let mut states = states.lock();
    loop {
        let mut waiting = (0..recipes.len()).filter(|at| states[*at] == State::Waiting).peekable();
        waiting.peek()?;
        let base = |at| below(recipes, at).map_or(State::Done, |base| states[base]);
        let ready = waiting.find(|at| matches!(base(*at), State::Done | State::Failed));
        // If nobody is at work who could make a base, they lie on one another in a circle.
        let in_circle = || (0..recipes.len()).find(|at| states[*at] == State::Waiting);
        let found = match ready {
            Some(at) => Some((at, base(at) == State::Done)),
            None if states.contains(&State::Running) => None,
            None => in_circle().map(|at| (at, false)),
        };
        if let Some((at, is_possible)) = found {
            states[at] = State::Running;
            return Some((at, is_possible));
        }
        changed.wait(&mut states);
    }
}

fn one(recipe: &Recipe, store: &Store, missing: bool, report: &(dyn Fn(&Recipe, Event<'_>) + Sync)) -> Result<()> {
    if missing && recipe.is_built(store)? {
        report(recipe, Event::IsThere);
        return Ok(());
    }
    let begun = Instant::now();
    let image = build(recipe, store, |progress| {
        if let Progress::Step(step) = progress {
            report(recipe, Event::Step(&step));
        }
    })?;
    let below = recipe.base_image(store)?.map_or(0, |base| base.size);
    report(recipe, Event::Built { image: &image, layer: image.size.saturating_sub(below), took: begun.elapsed() });
    Ok(())
}

fn no_base(recipe: &Recipe) -> Error {
    let base = recipe.from.as_deref().unwrap_or_default();
    Error::system(format!("The image {} was not built, as {base}, which it lies on, is not there.", recipe.name[0]))
}

/// The recipe that another one lies on, if it is among them.
fn below(recipes: &[Recipe], at: usize) -> Option<usize> {
    match recipes[at].base() {
        Ok(Base::Image(name)) => {
            let wanted = Reference::parse(name).ok()?;
            recipes.iter().position(|recipe| recipe.references().is_ok_and(|names| names.contains(&wanted)))
        }
        _ => None,
    }
}

fn position(recipes: &[Recipe], name: &str) -> Option<usize> {
    let wanted = Reference::parse(name).ok();
    let is_named = |recipe: &Recipe, matches: &dyn Fn(&Reference, &Reference) -> bool| {
        let names = recipe.references().unwrap_or_default();
        wanted.as_ref().is_some_and(|wanted| names.iter().any(|name| matches(name, wanted)))
    };
    let exactly = |recipe: &Recipe| recipe.title() == name || is_named(recipe, &|name, wanted| name == wanted);
    // Which version it is shows when it is built.
    let perhaps = |recipe: &Recipe| {
        recipe.version.is_some()
            && is_named(recipe, &|name, wanted| name.name() == wanted.name() && wanted.digest().is_none())
    };
    recipes.iter().position(exactly).or_else(|| recipes.iter().position(perhaps))
}

#[cfg(test)]
mod tests;
