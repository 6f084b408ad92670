//! `lernhafen doctor`: what this machine offers and lacks.

mod checks;

use serde::Serialize;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Answer with JSON: a list of `{name, status, found, advice}`
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    status: Status,
    found: String,
    /// What to do about it; empty if there is nothing to do.
    advice: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Good,
    /// It works, with less.
    Lacking,
    /// It doesn't work.
    Missing,
}

/// Fails if something is missing.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let checks = checks::all();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&checks)?);
    } else {
        for check in &checks {
            let sign = match check.status {
                Status::Good => "ok     ",
                Status::Lacking => "lacking",
                Status::Missing => "MISSING",
            };
            println!("{sign}  {:<22} {}", check.name, check.found);
            if !check.advice.is_empty() {
                println!("         → {}", check.advice);
            }
        }
    }
    let missing = checks.iter().any(|check| check.status == Status::Missing);
    Ok(if missing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
