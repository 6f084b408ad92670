//! `lernhafen images preflight`: whether a workshop has all images that it needs.

use super::DataDirectory;
use super::process::runtime;
use crate::config::WorkshopConfig;
use crate::deck;
use crate::machine::open_store;
use crate::preflight::{Need, Plan, provide};
use anyhow::Context;
use engine::image::Provider;
use protocol::instructor::{ImageState, OnlineLine, Place};
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
    /// The labs, one folder each [default: the config's]
    #[arg(long, value_name = "DIR")]
    labs: Option<PathBuf>,
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
    let plan = Plan::of(&deck, args.labs.as_ref().unwrap_or(&config.labs), &config.registry.name);
    let store = open_store(&args.directory.data_dir)?;
    let provider = Provider::new(store, &config.for_machine(), config.registry.private.clone())?;
    let mut is_missing = false;
    let look = |index: usize, state: ImageState| {
        is_missing |= state.is_missing();
        if state.is_missing() || state.is_there() {
            show(&plan.images[index], &state, args.json);
        }
    };
    runtime()?.block_on(provide(&plan.images, &config.recipes, &provider, args.check, look));
    if plan.images.is_empty() && !args.json {
        println!("deck and labs need no images");
    }
    plan.online.iter().for_each(|line| show_online(line, args.json));
    plan.unread.iter().for_each(|what| eprintln!("can't be read: {what}"));
    Ok(if is_missing || !plan.unread.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn show(need: &Need, state: &ImageState, json: bool) {
    let reason = if let ImageState::Missing { reason } = state { reason.as_str() } else { "" };
    if json {
        let line = serde_json::json!({
            "image": need.image, "places": words(&need.places), "outcome": state.word(), "reason": reason,
        });
        println!("{line}");
    } else if reason.is_empty() {
        println!("{:8} {need}", state.word());
    } else {
        println!("{:8} {need}: {reason}", state.word());
    }
}

/// What will not work offline.
fn show_online(line: &OnlineLine, json: bool) {
    let places = words(&line.places);
    if json {
        println!("{}", serde_json::json!({ "line": line.line, "places": places, "outcome": "online" }));
    } else {
        println!("{:8} {} ({})", "online", line.line, places.join(", "));
    }
}

fn words(places: &[Place]) -> Vec<String> {
    places.iter().map(ToString::to_string).collect()
}
