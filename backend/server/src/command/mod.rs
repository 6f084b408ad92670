//! The command line: one file per subcommand.
//!
//! Exit status 0: done; 1: failed, and stderr says why; 2: wrong usage.

mod deck;
mod doctor;
mod engine;
mod images;
mod preflight;
mod process;
mod serve;

use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// A playground for learning containers: slides, a terminal, and a Docker host of one's own.
#[derive(Debug, Parser)]
#[command(name = "lernhafen", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open a workshop in the browser
    Serve(serve::Args),
    /// Serve the Docker API of one virtual host on a unix socket, without workshop or web
    Engine(engine::Args),
    /// Say what this machine offers and lacks
    Doctor(doctor::Args),
    /// Build, fetch and list the images that a workshop needs
    #[command(subcommand)]
    Images(images::Command),
    /// Check decks, for their authors
    #[command(subcommand)]
    Deck(deck::Command),
}

/// Where an engine keeps what stays.
#[derive(Debug, clap::Args)]
struct DataDirectory {
    /// What stays: database, images, containers
    #[arg(long, value_name = "DIR", default_value = "/var/lib/lernhafen", value_parser = absolute)]
    data_dir: PathBuf,
}

/// Where an engine keeps what it has.
#[derive(Debug, clap::Args)]
struct Directories {
    #[command(flatten)]
    data: DataDirectory,
    /// What dies with the boot: sockets, bundles
    #[arg(long, value_name = "DIR", default_value = "/run/lernhafen", value_parser = absolute)]
    run_dir: PathBuf,
}

/// Zygote and keepers have other working directories.
fn absolute(path: &str) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}

/// Runs the command that the arguments name. To be called before the process has threads.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("LERNHAFEN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
    let result = match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Engine(args) => engine::run(args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Images(command) => images::run(command),
        Command::Deck(command) => deck::run(&command),
    };
    result.unwrap_or_else(|error| {
        eprintln!("lernhafen: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }
}
