//! `lernhafen images`: what a workshop needs of images.

use super::Directories;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Build images from their recipes, out of Debian's packages
    Build {
        /// Only those that aren't there yet
        #[arg(long)]
        missing: bool,
        /// The recipes
        #[arg(value_name = "RECIPES_DIR", default_value = "images")]
        recipes: PathBuf,
        #[command(flatten)]
        directories: Directories,
    },
    /// List the images of this machine
    List {
        #[command(flatten)]
        directories: Directories,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not there yet: {command:?}")
}
