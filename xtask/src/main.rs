//! The front door of a checkout: builds, runs, tests and measures Lernhafen, and says what the machine lacks for it.

mod apt;
mod bench;
mod build;
mod check;
mod command;
mod deny;
mod doctor;
mod images;
mod machine;
mod npm;
mod oracle;
mod page;
mod progress;
mod run;
mod test;
mod tidy;
mod tree;

use crate::build::Profile;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Builds, runs and tests Lernhafen")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything to be there soon, prepare the base images, start the server
    Run(run::Options),
    /// Build the page and the server to be there soon
    Build,
    /// Build the page and the server for workshops, small and fast, into target/dist
    Dist,
    /// Build and test everything; the last line counts the tests
    Test(test::Options),
    /// Formatting, lints, licences, and the rules of the tree
    Check,
    /// What everything takes, beside a real dockerd
    Bench(bench::Options),
    /// What this machine lacks for building and testing
    Doctor,
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Run(options) => run::run(options),
        Task::Build => build::build(Profile::Quick),
        Task::Dist => build::build(Profile::Dist),
        Task::Test(options) => test::test(&options),
        Task::Check => check::check(),
        Task::Bench(options) => bench::bench(options),
        Task::Doctor => doctor::doctor(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
