//! `lernhafen images`: what a workshop needs of images.

use super::DataDirectory;
use anyhow::Context;
use engine::db::Database;
use engine::image::Store;
use engine::image::recipe::{self, Progress, Recipe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Build images from their recipes, out of Debian's packages
    Build {
        /// Only those that aren't there yet, or whose recipe has changed
        #[arg(long)]
        missing: bool,
        /// The recipes, one directory each; or one recipe's directory
        #[arg(value_name = "RECIPES_DIR", default_value = "images")]
        recipes: PathBuf,
        #[command(flatten)]
        directory: DataDirectory,
    },
    /// List the images of this machine
    List {
        /// As JSON, one image per line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        directory: DataDirectory,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Build { missing, recipes, directory } => {
            let recipes = load(&recipes)?;
            let store = open(&directory.data_dir)?;
            build(recipes, missing, &store)?;
        }
        Command::List { json, directory } => list(&open(&directory.data_dir)?, json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn open(data_dir: &Path) -> anyhow::Result<Store> {
    let database = Database::open(data_dir)?;
    Store::open(data_dir, database).context("the images can't be opened")
}

/// In the order of their directories' names.
fn load(recipes: &Path) -> anyhow::Result<Vec<Recipe>> {
    if recipes.join("recipe.toml").exists() {
        return Ok(vec![Recipe::load(recipes)?]);
    }
    let entries = std::fs::read_dir(recipes).with_context(|| recipes.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.join("recipe.toml").exists());
    paths.sort();
    anyhow::ensure!(!paths.is_empty(), "{} has no recipes (<name>/recipe.toml)", recipes.display());
    paths.iter().map(|path| Recipe::load(path).map_err(Into::into)).collect()
}

/// Several at once, as each waits for the network in turns. All are tried, whichever fails.
fn build(recipes: Vec<Recipe>, missing: bool, store: &Store) -> anyhow::Result<()> {
    let mut wanted = Vec::new();
    for recipe in recipes {
        if missing && recipe.is_built(store)? {
            eprintln!("{}: is there", recipe.name[0]);
        } else {
            wanted.push(recipe);
        }
    }
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(wanted.len());
    let wanted = Mutex::new(wanted.into_iter());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let next = || wanted.lock().unwrap_or_else(PoisonError::into_inner).next();
                while let Some(recipe) = next() {
                    if let Err(error) = build_one(&recipe, store) {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_string());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

fn build_one(recipe: &Recipe, store: &Store) -> engine::Result<()> {
    let name = &recipe.name[0];
    let begun = Instant::now();
    let image = recipe::build(recipe, store, |progress| {
        if let Progress::Step(step) = progress {
            eprintln!("{name}: {step}");
        }
    })?;
    eprintln!("{name}: built in {} s, {}", begun.elapsed().as_secs(), megabytes(image.size));
    Ok(())
}

fn list(store: &Store, json: bool) -> anyhow::Result<()> {
    for image in store.catalogue()? {
        if json {
            let line = serde_json::json!({ "id": image.id, "tags": image.repo_tags, "size": image.size });
            println!("{line}");
        } else {
            let id: String = image.id.trim_start_matches("sha256:").chars().take(12).collect();
            println!("{id}  {:>7}  {}", megabytes(image.size), image.repo_tags.join(" "));
        }
    }
    Ok(())
}

/// As Docker counts them.
fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
