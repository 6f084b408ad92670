//! `lernhafen images`: what a workshop needs of images.

use super::process::runtime;
use super::{DataDirectory, preflight};
use crate::config::WorkshopConfig;
use crate::machine::open_store;
use engine::image::recipe::{self, Event, Recipe};
use engine::image::{Progress, Provider, Store};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
        /// Only these, and what they lie on; names of images, or of their recipes' directories
        #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
        only: Vec<String>,
        #[command(flatten)]
        directory: DataDirectory,
    },
    /// Fetch images from their registries, for everybody on this machine
    Pull {
        /// As `docker pull` takes them: name, name:tag, registry/name:tag
        #[arg(value_name = "IMAGE", required = true)]
        images: Vec<String>,
        /// The workshop's settings, which may name mirrors and registries in private networks
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        #[command(flatten)]
        directory: DataDirectory,
    },
    /// Build or fetch every image that a workshop's deck and labs need, and say what is missing and what needs the internet
    Preflight(preflight::Args),
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
        Command::Build { missing, recipes, only, directory } => {
            let mut recipes = Recipe::load_all(&recipes)?;
            if !only.is_empty() {
                recipes = recipe::select(recipes, &only)?;
            }
            build(&recipes, missing, &*open_store(&directory.data_dir)?)?;
        }
        Command::Pull { images, config, directory } => return pull(&images, config.as_deref(), &directory.data_dir),
        Command::Preflight(args) => return preflight::run(&args),
        Command::List { json, directory } => list(&*open_store(&directory.data_dir)?, json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn pull(images: &[String], config: Option<&Path>, data_dir: &Path) -> anyhow::Result<ExitCode> {
    let config = WorkshopConfig::load_or_default(config)?;
    let provider = Provider::new(open_store(data_dir)?, &config.for_machine(), config.registry.private)?;
    let mut failed = false;
    runtime()?.block_on(async {
        for name in images {
            let pulled = provider.pull(name, |line| {
                if let Progress::Message(text) = line {
                    eprintln!("{name}: {text}");
                }
            });
            if let Err(error) = pulled.await {
                eprintln!("{name}: {error}");
                failed = true;
            }
        }
    });
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn build(recipes: &[Recipe], missing: bool, store: &Store) -> anyhow::Result<()> {
    let failed = recipe::build_all(recipes, store, missing, &|recipe, event| {
        let name = &recipe.name[0];
        match event {
            Event::IsThere => eprintln!("{name}: is there"),
            Event::Step(step) => eprintln!("{name}: {step}"),
            Event::Built { image, layer, took } => {
                let (layer, all) = (megabytes(layer), megabytes(image.size));
                eprintln!("{name}: built in {} s, {layer} of {all}", took.as_secs());
            }
            Event::Failed(_) => eprintln!("{name}: failed"),
        }
    });
    let failed: Vec<String> = failed.iter().map(ToString::to_string).collect();
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

fn list(store: &Store, json: bool) -> anyhow::Result<()> {
    for image in store.catalogue()? {
        if json {
            let line = serde_json::json!({ "id": image.id, "tags": image.repo_tags, "size": image.size });
            println!("{line}");
        } else {
            println!("{}  {:>7}  {}", image.id.short(), megabytes(image.size), image.repo_tags.join(" "));
        }
    }
    Ok(())
}

/// As Docker counts them.
fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
