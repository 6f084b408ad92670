//! `lernhafen images preflight`: whether a workshop has all images that it needs.

use super::DataDirectory;
use super::process::runtime;
use crate::config::WorkshopConfig;
use crate::deck;
use crate::preflight::{Need, Outcome, needs, provide};
use anyhow::Context;
use engine::image::Provider;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The workshop's settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The deck's PITCHME.md [default: the config's]
    #[arg(long, value_name = "FILE")]
    deck: Option<PathBuf>,
    /// Only say what is there and what is missing
    #[arg(long)]
    check: bool,
    /// As JSON, one image per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    directory: DataDirectory,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = WorkshopConfig::load_or_default(args.config.as_deref())?;
    let path = args.deck.as_ref().unwrap_or(&config.deck);
    let deck = deck::load(path, &config.lang).with_context(|| path.display().to_string())?;
    let needs = needs(&deck, &config.registry.name);
    let provider = Provider::new(super::images::open(&args.directory.data_dir)?, &config.registry.for_engine())?;
    let look = |need: &Need, outcome: &Outcome| show(need, outcome, args.json);
    let outcomes = runtime()?.block_on(provide(&needs, &config.recipes, &provider, args.check, look));
    let is_missing = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Missing(_)));
    if needs.is_empty() && !args.json {
        println!("the deck needs no images");
    }
    Ok(if is_missing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn show(need: &Need, outcome: &Outcome, json: bool) {
    let reason = if let Outcome::Missing(reason) = outcome { reason.as_str() } else { "" };
    if json {
        let line = serde_json::json!({
            "image": need.image, "slides": need.slides, "outcome": outcome.word(), "reason": reason,
        });
        println!("{line}");
    } else if reason.is_empty() {
        println!("{:8} {need}", outcome.word());
    } else {
        println!("{:8} {need}: {reason}", outcome.word());
    }
}
