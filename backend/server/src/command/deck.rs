//! `lernhafen deck`: what a deck's author wants to know.

use crate::deck;
use anyhow::Context;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say what of a deck will not be shown as written
    Check {
        /// A PITCHME.md
        file: PathBuf,
    },
}

pub(super) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Check { file } = command;
    let parsed = deck::load(file, "de").with_context(|| file.display().to_string())?;
    for remark in &parsed.remarks {
        println!("{}:{}: {}", file.display(), remark.line, remark.message);
    }
    let slides: usize = parsed.deck.slides.iter().map(Vec::len).sum();
    let (lines, remarks) = (parsed.runnable_lines(), parsed.remarks.len());
    eprintln!("{slides} slides, {lines} lines with a run button, {remarks} remarks");
    Ok(if parsed.remarks.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
