//! `lernhafen engine`: one virtual host's Docker API on a unix socket, without workshop or web.

use super::Directories;
use super::process::{runtime, start_zygote, until_ended};
use crate::config::{DISK_MIB, RegistrySettings, check_disk_mib};
use crate::machine::open_store;
use crate::registry::{self, Registry};
use anyhow::Context;
use engine::image::{Dial, RegistryConfig, RegistryRules};
use engine::{Engine, EngineConfig, HostId, HostRules, HostSpec, Policy};
use runtime::cgroup::HostLimits;
use sha2::{Digest, Sha256};
use std::fs::Permissions;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::UnixListener;

/// Processes of the host. Its processors are the machine's.
const PIDS: u64 = 16 * 1024;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The socket: `docker -H unix://PATH`
    #[arg(long, value_name = "PATH")]
    socket: PathBuf,
    /// Refuse --privileged and what else opens much of the kernel to containers
    #[arg(long)]
    no_privileged: bool,
    /// Keep the host in: no way out to the internet, and no registry but private ones
    #[arg(long)]
    no_internet: bool,
    /// MiB that containers may write to disk, all together, 0: as much as there is; holds for a new data directory
    #[arg(long, value_name = "MIB", default_value_t = DISK_MIB, value_parser = disk_mib)]
    disk_mib: u64,
    /// MiB of memory, all processes together [default: what the machine has, but for a sixteenth]; holds for a new data directory
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(64..=1 << 20))]
    memory_mib: Option<u64>,
    /// Name of a registry that is kept here, too, and that this host reaches by it
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
    /// Where that registry is reached, by whoever is on this machine
    #[arg(long, value_name = "ADDRESS:PORT", requires = "registry", value_parser = loopback)]
    registry_listen: Option<SocketAddr>,
    #[command(flatten)]
    directories: Directories,
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    // Before everything else: the smaller the process is now, the smaller is the keeper.
    let zygote = start_zygote()?;
    runtime()?.block_on(async {
        let listener =
            listen(&args.socket).with_context(|| format!("{} can't be listened on", args.socket.display()))?;
        let registry_listener = registry::listen(args.registry_listen).await?;
        let Directories { data, run_dir } = args.directories;
        let id = host_id(&data.data_dir)?;
        let rules = HostRules {
            policy: Policy { privileged: !args.no_privileged },
            way_out: !args.no_internet,
            disk_mib: args.disk_mib,
            registry: RegistryRules { own: args.registry.clone(), ..RegistryRules::default() },
        };
        let store = open_store(&data.data_dir)?;
        let settings = args.registry.map(|name| RegistrySettings { name, ..RegistrySettings::default() });
        let own = settings.map(|settings| Registry::open(&store, &settings)).transpose()?;
        let dial = |own: &Registry| (own.name().to_owned(), Arc::new(own.clone()) as Arc<dyn Dial>);
        let registries = RegistryConfig { own: own.iter().map(dial).collect(), ..RegistryConfig::default() };
        let config = EngineConfig { data_dir: data.data_dir, run_dir, registries };
        let engine = Engine::open(config, store, zygote).await.context("the engine can't be opened")?;
        let spec = spec(id, args.memory_mib, rules)?;
        let host = engine.ensure_host(spec).await.context("the virtual host can't be begun")?;
        eprintln!("lernhafen: the Docker API is at unix://{}", args.socket.display());
        let registry = async {
            match &own {
                Some(own) => own.serve(registry_listener, None).await,
                None => std::future::pending().await,
            }
        };
        let serving = async {
            tokio::select! {
                () = docker_api::serve(listener, host) => {}
                () = registry => {}
            }
        };
        until_ended(serving).await?;
        std::fs::remove_file(&args.socket).context("the socket can't be removed")
    })?;
    Ok(ExitCode::SUCCESS)
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|error| format!("{error}"))?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("take a loopback address: anybody may push there".to_owned())
    }
}

fn disk_mib(text: &str) -> Result<u64, String> {
    let mib = text.parse().map_err(|error| format!("{error}"))?;
    check_disk_mib(mib).map(|()| mib)
}

/// A host without a workstation, as large as the machine unless its memory is given.
fn spec(id: HostId, memory_mib: Option<u64>, rules: HostRules) -> anyhow::Result<HostSpec> {
    let millicpus = std::thread::available_parallelism().map_or(1000, |count| 1000 * count.get() as u64);
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").context("the host name can't be read")?;
    let memory = memory_mib.map_or_else(memory, |mib| Ok(mib << 20))?;
    let limits = HostLimits { memory, pids: PIDS, millicpus };
    Ok(HostSpec { id, hostname: hostname.trim().to_owned(), workstation: None, limits, rules })
}

/// Id of the one host: a second start finds it by this, and an engine over another directory has another.
fn host_id(data_dir: &Path) -> anyhow::Result<HostId> {
    let path = std::path::absolute(data_dir).context("the data directory has no path")?;
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    Ok(HostId::new(&format!("engine{}", hex::encode(&digest[..6])))?)
}

/// The machine's memory, in bytes, without what it needs itself: where it has none left for itself, the kernel ends whomever it likes.
fn memory() -> anyhow::Result<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").context("the machine's memory can't be read")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let total = kib.context("/proc/meminfo has no MemTotal")? * 1024;
    Ok(total - total / 16)
}

/// Listens at `path`, also where a server that has died left its socket.
fn listen(path: &Path) -> io::Result<UnixListener> {
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if !std::fs::symlink_metadata(path)?.file_type().is_socket() {
                return Err(io::Error::new(error.kind(), "there is a file that is no socket"));
            }
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return Err(io::Error::new(error.kind(), "another engine listens on it"));
            }
            std::fs::remove_file(path)?;
            UnixListener::bind(path)?
        }
        result => result?,
    };
    std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}
