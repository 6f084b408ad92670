//! `lernhafen serve`: opens a workshop.

use super::Directories;
use super::process::{runtime, start_zygote, until_ended};
use crate::config::WorkshopConfig;
use crate::machine::Machine;
use crate::web::{self, Guard, Site};
use crate::workshop::Workshop;
use crate::{deck, registry, room};
use anyhow::Context;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What the one workshop is called among the machine's: nobody sees it.
const NAME: &str = "workshop";

/// After so long it is tried again to end what a killed server left.
const AGAIN: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The workshop's settings (TOML); every key has a default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the page is to be reached
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    directories: Directories,
    /// The built page [default: `page` beside the binary, or ./frontend/dist]
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    /// The deck's PITCHME.md [default: the config's]
    #[arg(long, value_name = "FILE")]
    deck: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    // Before everything else: the smaller the process is now, the smaller are the keepers.
    let zygote = start_zygote()?;
    let mut config = WorkshopConfig::load_or_default(args.config.as_deref())?;
    config.deck = args.deck.clone().unwrap_or(config.deck);
    let site = Site::open(&args.site.clone().unwrap_or_else(default_site))?;
    let deck = deck::load(&config.deck, &config.lang).with_context(|| config.deck.display().to_string())?;
    if !deck.remarks.is_empty() {
        let count = deck.remarks.len();
        tracing::warn!("the deck has {count} remarks: lernhafen deck check {}", config.deck.display());
    }
    let (hosts, raise) = room::for_hosts();
    if hosts < config.max_sessions as u64 {
        let max = config.max_sessions;
        tracing::warn!("this machine has room for about {hosts} virtual hosts, and max_sessions is {max}: {raise}");
    }
    runtime()?.block_on(async {
        // First of all the address: whoever has it has the data directory too.
        let listener = TcpListener::bind(args.listen).await;
        let listener = listener.with_context(|| format!("{} can't be listened on", args.listen))?;
        let registry_listener = registry::listen(config.registry.listen).await?;
        let Directories { data, run_dir } = args.directories;
        let machine = Machine::open(data.data_dir, run_dir, &[&config], zygote).await?;
        let workshop = Arc::new(Workshop::open(&machine, NAME, &config, deck, args.listen.ip()).await?);
        let own = machine.registry(&config.registry.name).context("the registry isn't open")?;
        if let Some(listener) = &registry_listener {
            eprintln!("lernhafen: the registry {} is open at http://{}", own.name(), listener.local_addr()?);
        }
        let serving = async {
            tokio::select! {
                served = serve(listener, &config, &machine, &workshop, site) => served,
                () = own.serve(registry_listener, config.registry.password.as_deref()) => {
                    anyhow::bail!("the registry is served no longer")
                }
            }
        };
        let served = until_ended(serving).await?.unwrap_or(Ok(()));
        // Sessions' hosts go on without the server; those that nobody has needn't.
        end_unclaimed(&machine, &workshop).await.context("hosts that nobody has can't be ended")?;
        served
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(
    listener: TcpListener,
    config: &WorkshopConfig,
    machine: &Machine,
    workshop: &Arc<Workshop>,
    site: Site,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let link =
        format!("{}/instructor#{}", own_origin(address, &config.public_origins), workshop.instructor.key.reveal());
    let router = web::router(workshop.clone(), Guard::new(address, &config.public_origins), site)?;
    eprintln!("lernhafen: the workshop is open at http://{address}");
    eprintln!("lernhafen: the instructor's page, for you alone: {link}");
    let work = async {
        // A server that was killed has left them.
        while let Err(error) = end_unclaimed(machine, workshop).await {
            tracing::error!(%error, "hosts that nobody has can't be ended");
            tokio::time::sleep(AGAIN).await;
        }
        workshop.run(config.preflight).await;
    };
    tokio::join!(web::listen(listener, router), work);
    Ok(())
}

async fn end_unclaimed(machine: &Machine, workshop: &Workshop) -> anyhow::Result<()> {
    Ok(machine.end_unclaimed(&workshop.sessions.hosts().await?).await?)
}

/// Where the page is best opened: under its public name if it has one.
fn own_origin(address: SocketAddr, public_origins: &[String]) -> String {
    public_origins.first().cloned().unwrap_or_else(|| format!("http://{address}"))
}

fn default_site() -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|binary| Some(binary.parent()?.join("page")));
    beside.filter(|folder| folder.is_dir()).unwrap_or_else(|| PathBuf::from("frontend/dist"))
}
