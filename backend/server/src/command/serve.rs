//! `lernhafen serve`: opens a workshop.

use super::Directories;
use super::process::{runtime, start_zygote, until_ended};
use crate::config::WorkshopConfig;
use crate::host::{Hosts, Machine};
use crate::hub::{self, Hub};
use crate::instructor::{Instructor, InstructorKey};
use crate::preflight::{Plan, Preflight};
use crate::session::Sessions;
use crate::web::{self, Guard, Site};
use crate::workshop::Workshop;
use crate::{deck, room};
use anyhow::Context;
use engine::{Engine, EngineConfig, Policy};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

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
        let registry_listener = hub::listen(config.registry.listen).await?;
        let engine_config = EngineConfig {
            data_dir: args.directories.data.data_dir.clone(),
            run_dir: args.directories.run_dir,
            way_out: config.internet,
            disk_mib: config.limits.disk_mib,
            registry: config.registry.for_engine(),
            policy: Policy { privileged: config.allows_privileged(args.listen.ip()) },
        };
        let engine = Engine::open(engine_config, zygote).await.context("the engine can't be opened")?;
        let hub = Hub::open(&engine, &config.registry)?;
        engine.set_harbour(Arc::new(hub.clone()));
        if let Some(listener) = &registry_listener {
            eprintln!("lernhafen: the registry {} is open at http://{}", hub.name(), listener.local_addr()?);
        }
        let outside = hub.serve(registry_listener, config.registry.password.as_deref());
        let plan = Plan::of(&deck, &config.labs, hub.name());
        let title = config.title.clone().unwrap_or_else(|| deck.deck.title.clone());
        let preflight = Arc::new(preflight(plan, &config, &engine, title.clone()));
        let workshop = Arc::new(open_workshop(deck, title, engine, &config, &args.directories.data.data_dir)?);
        let serving = serve(listener, &config, &workshop, site, preflight, &args.directories.data.data_dir);
        let serving = async {
            tokio::select! {
                served = serving => served,
                () = outside => anyhow::bail!("the registry is served no longer"),
            }
        };
        let served = until_ended(serving).await?.unwrap_or(Ok(()));
        // Sessions' hosts go on without the server; those that nobody has needn't.
        workshop.end_ready_hosts().await.context("hosts that nobody has can't be ended")?;
        served
    })?;
    Ok(ExitCode::SUCCESS)
}

fn open_workshop(
    deck: deck::ParsedDeck,
    title: String,
    engine: Arc<Engine>,
    config: &WorkshopConfig,
    data_dir: &Path,
) -> anyhow::Result<Workshop> {
    let sessions = Sessions::open(&data_dir.join("lernhafen.db"), config.max_sessions);
    Ok(Workshop {
        title,
        deck,
        sessions: sessions.context("the sessions can't be opened")?,
        hosts: Hosts::new(Box::new(Machine::new(engine, config.limits.into()))),
        session_time: Duration::from_secs(u64::from(config.session_hours) * 3600),
        ready_hosts: config.ready_hosts,
    })
}

async fn serve(
    listener: TcpListener,
    config: &WorkshopConfig,
    workshop: &Arc<Workshop>,
    site: Site,
    preflight: Arc<Preflight>,
    data_dir: &Path,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let key = InstructorKey::open(data_dir)?;
    let link = format!("{}/instructor#{}", own_origin(address, &config.public_origins), key.reveal());
    let instructor = Arc::new(Instructor { key, preflight: preflight.clone() });
    let folder = config.deck.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let guard = Guard::new(address, &config.public_origins);
    let router = web::router(workshop.clone(), instructor, guard, site, folder)?;
    eprintln!("lernhafen: the workshop is open at http://{address}");
    eprintln!("lernhafen: the instructor's page, for you alone: {link}");
    let prepare = async { if config.preflight { preflight.begin() } else { preflight.check().await } };
    tokio::join!(web::listen(listener, router), workshop.end_unseen_sessions(), workshop.keep_hosts_ready(), prepare);
    Ok(())
}

fn preflight(plan: Plan, config: &WorkshopConfig, engine: &Arc<Engine>, title: String) -> Preflight {
    let offering = engine.clone();
    let offer = move || {
        if let Err(error) = offering.offer_catalogue() {
            tracing::error!(%error, "the hosts don't hear of new images");
        }
    };
    Preflight::new(plan, config.recipes.clone(), engine.provider(), title, config.internet, offer)
}

/// Where the page is best opened: under its public name if it has one.
fn own_origin(address: SocketAddr, public_origins: &[String]) -> String {
    public_origins.first().cloned().unwrap_or_else(|| format!("http://{address}"))
}

fn default_site() -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|binary| Some(binary.parent()?.join("page")));
    beside.filter(|folder| folder.is_dir()).unwrap_or_else(|| PathBuf::from("frontend/dist"))
}
