//! `workshop.toml`: what an instructor can set. Every key has a good default; `docs/workshop.toml` explains them.

use anyhow::Context;
use engine::image::{RegistryConfig, RegistryRules};
use engine::{HostRules, Policy};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// A workshop as configured.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkshopConfig {
    /// Shown on the page; `None`: the deck's title.
    pub title: Option<String>,
    /// The deck's PITCHME.md. In the file relative to the file's own folder.
    pub deck: PathBuf,
    /// Where the labs are, one folder each. In the file relative to the file's own folder.
    pub labs: PathBuf,
    /// Language of the deck (BCP 47).
    pub lang: String,
    /// Most sessions at once.
    pub max_sessions: usize,
    /// Virtual hosts that begin before somebody joins, where there are places for so many.
    pub ready_hosts: usize,
    /// A session that nobody has looked at for so many hours ends, and its virtual host with it.
    pub session_hours: u32,
    /// Where the page is reached if not by the address that it listens on: `https://workshop.example.org`.
    pub public_origins: Vec<String>,
    /// Whether virtual hosts reach the internet.
    pub internet: bool,
    /// Whether learners may run `--privileged` containers and what else opens much of the kernel to them; `None`: where the
    /// workshop isn't open to the public.
    pub privileged: Option<bool>,
    pub limits: Limits,
    pub registry: RegistrySettings,
    /// Where the recipes of base images are, `<name>/recipe.toml`. In the file relative to the file's own folder.
    pub recipes: PathBuf,
    /// Whether the server builds or fetches at its start what deck and labs need of images.
    pub preflight: bool,
}

/// The workshop's own registry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegistrySettings {
    /// How learners call it, before the names of its images.
    pub name: String,
    /// Where it is reached from outside of virtual hosts, too, by plain HTTP.
    pub listen: Option<SocketAddr>,
    /// What those who come by `listen` must know; `None`: nothing, where that is this machine only.
    pub password: Option<String>,
    /// GiB that all its images may take.
    pub max_gib: u32,
    /// Where Docker Hub's images are asked for before Docker Hub: `https://mirror.example`.
    pub mirrors: Vec<String>,
    /// Registries, as `name` or `name:port`, that may be spoken to without encryption.
    pub insecure: BTreeSet<String>,
    /// Registries, as `name` or `name:port`, that learners may pull from though they are in a private network.
    pub private: BTreeSet<String>,
}

/// What each virtual host may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// MiB of memory, all processes together.
    pub memory_mib: u64,
    /// Processes and threads.
    pub pids: u64,
    /// Thousandths of a processor.
    pub millicpus: u64,
    /// MiB on disk, of new hosts; 0: as much as there is.
    pub disk_mib: u64,
}

/// What a host may write to disk unless something else is said, in MiB.
pub(crate) const DISK_MIB: u64 = 10 * 1024;

/// Whether a host's disk can be of that size.
pub(crate) fn check_disk_mib(mib: u64) -> Result<(), String> {
    let (least, most) = (engine::SMALLEST_MIB, engine::LARGEST_MIB);
    let fits = mib == 0 || (least..=most).contains(&mib);
    if fits { Ok(()) } else { Err(format!("take {least} to {most}, or 0 for no bound")) }
}

impl Default for WorkshopConfig {
    fn default() -> Self {
        Self {
            title: None,
            deck: PathBuf::from("slides/docker-einfuehrung/PITCHME.md"),
            labs: PathBuf::from("labs"),
            lang: "de".to_owned(),
            max_sessions: 40,
            ready_hosts: 30,
            session_hours: 24,
            public_origins: Vec::new(),
            internet: true,
            privileged: None,
            limits: Limits::default(),
            registry: RegistrySettings::default(),
            recipes: PathBuf::from("images"),
            preflight: true,
        }
    }
}

impl Default for RegistrySettings {
    fn default() -> Self {
        Self {
            name: "hub.hafen".to_owned(),
            listen: None,
            password: None,
            max_gib: 20,
            mirrors: Vec::new(),
            insecure: BTreeSet::new(),
            private: BTreeSet::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_mib: 1024, pids: 512, millicpus: 1000, disk_mib: DISK_MIB }
    }
}

impl WorkshopConfig {
    /// The file at `path`, if there is one to read.
    pub(crate) fn load_or_default(path: Option<&Path>) -> anyhow::Result<Self> {
        path.map_or_else(|| Ok(Self::default()), Self::load)
    }

    /// Reads the file at `path`. Unknown keys and values that can't be are errors with their line.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
        let mut config = Self::parse(&text).with_context(|| format!("{} is not a workshop's file", path.display()))?;
        if let Some(folder) = path.parent() {
            config.deck = folder.join(&config.deck);
            config.labs = folder.join(&config.labs);
            config.recipes = folder.join(&config.recipes);
        }
        Ok(config)
    }

    /// What is the machine's in it: how registries are reached.
    pub(crate) fn for_machine(&self) -> RegistryConfig {
        let RegistrySettings { mirrors, insecure, .. } = &self.registry;
        RegistryConfig { mirrors: mirrors.clone(), insecure: insecure.clone(), ..RegistryConfig::default() }
    }

    /// Whether privileged containers are allowed when the page is served at `listen`. Whoever listens on other than loopback, or
    /// says under which name the world finds the page, is open to strangers.
    fn allows_privileged(&self, listen: IpAddr) -> bool {
        self.privileged.unwrap_or(listen.is_loopback() && self.public_origins.is_empty())
    }

    /// What the workshop's hosts may do when its page is served at `listen`.
    pub(crate) fn rules(&self, listen: IpAddr) -> HostRules {
        let registry = RegistryRules { own: Some(self.registry.name.clone()), private: self.registry.private.clone() };
        let policy = Policy { privileged: self.allows_privileged(listen) };
        HostRules { policy, way_out: self.internet, disk_mib: self.limits.disk_mib, registry }
    }

    /// The folder of the deck's file.
    pub(crate) fn deck_folder(&self) -> &Path {
        self.deck.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let config: Self = toml::from_str(text)?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        let Limits { memory_mib, pids, millicpus, disk_mib } = self.limits;
        anyhow::ensure!((64..=1 << 20).contains(&memory_mib), "limits.memory_mib is {memory_mib}: take 64 to 1048576");
        anyhow::ensure!((16..=1 << 20).contains(&pids), "limits.pids is {pids}: take 16 to 1048576");
        anyhow::ensure!((50..=1_000_000).contains(&millicpus), "limits.millicpus is {millicpus}: take 50 to 1000000");
        if let Err(reason) = check_disk_mib(disk_mib) {
            anyhow::bail!("limits.disk_mib is {disk_mib}: {reason}");
        }
        anyhow::ensure!(
            (1..=5000).contains(&self.max_sessions),
            "max_sessions is {}: take 1 to 5000",
            self.max_sessions
        );
        anyhow::ensure!(self.ready_hosts <= 5000, "ready_hosts is {}: take 0 to 5000", self.ready_hosts);
        let hours = self.session_hours;
        anyhow::ensure!((1..=24 * 365).contains(&hours), "session_hours is {hours}: take 1 to 8760");
        self.registry.check()?;
        for origin in &self.public_origins {
            let host = origin.strip_prefix("https://").or(origin.strip_prefix("http://"));
            let whole = host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']));
            anyhow::ensure!(whole, "public_origins: `{origin}` is no origin: https://name, without a path");
        }
        Ok(())
    }
}

/// A password that is written down for a whole workshop can be one that nobody guesses, in characters.
const SHORTEST_PASSWORD: usize = 12;

impl RegistrySettings {
    fn check(&self) -> anyhow::Result<()> {
        let Self { name, listen, password, max_gib, .. } = self;
        engine::repository::check_registry(name).context("registry.name")?;
        anyhow::ensure!((1..=1 << 20).contains(max_gib), "registry.max_gib is {max_gib}: take 1 to 1048576");
        if let Some(password) = password {
            let length = password.chars().count();
            anyhow::ensure!(
                length >= SHORTEST_PASSWORD,
                "registry.password has {length} characters: take {SHORTEST_PASSWORD} or more"
            );
        }
        if let Some(listen) = listen.filter(|listen| !listen.ip().is_loopback()) {
            anyhow::ensure!(
                password.is_some(),
                "registry.listen is {listen}, where others could replace the images that everybody here pulls: set registry.password, too"
            );
        }
        Ok(())
    }
}

impl From<Limits> for runtime::cgroup::HostLimits {
    fn from(limits: Limits) -> Self {
        Self { memory: limits.memory_mib << 20, pids: limits.pids, millicpus: limits.millicpus }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn everything_has_a_default() {
        assert_eq!(WorkshopConfig::parse("").unwrap(), WorkshopConfig::default());
    }

    #[test]
    fn the_example_says_what_the_defaults_are() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/workshop.toml");
        let example = WorkshopConfig::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        let deck = PathBuf::from("../slides/docker-einfuehrung/PITCHME.md");
        let [labs, recipes] = ["../labs", "../images"].map(PathBuf::from);
        assert_eq!(example, WorkshopConfig { deck, labs, recipes, ..WorkshopConfig::default() });
    }

    #[test]
    fn a_part_of_a_table_keeps_the_rest() {
        let config = WorkshopConfig::parse("title = 'Hafen'\n[limits]\npids = 99").unwrap();
        assert_eq!(config.title.as_deref(), Some("Hafen"));
        assert_eq!(config.limits, Limits { pids: 99, ..Limits::default() });
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let error = WorkshopConfig::parse("title = 'a'\nmax_session = 3").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("max_session"), "{error}");
    }

    #[test]
    fn strangers_get_no_privileged_containers_unless_the_file_says_so() {
        let allows =
            |text: &str, listen: &str| WorkshopConfig::parse(text).unwrap().allows_privileged(listen.parse().unwrap());
        assert!(allows("", "127.0.0.1") && allows("", "::1"));
        assert!(!allows("", "0.0.0.0") && !allows("", "192.168.1.5"));
        assert!(!allows("public_origins = ['https://hafen.example']", "127.0.0.1"), "behind a proxy");
        assert!(allows("privileged = true", "0.0.0.0") && !allows("privileged = false", "127.0.0.1"));
    }

    #[test]
    fn a_registry_that_strangers_reach_needs_a_password() {
        let config = |text: &str| WorkshopConfig::parse(&format!("[registry]\n{text}"));
        assert_eq!(config("").unwrap().registry, RegistrySettings::default());
        assert!(config("listen = '127.0.0.1:5000'").is_ok() && config("listen = '[::1]:5000'").is_ok());
        let error = config("listen = '0.0.0.0:5000'").unwrap_err().to_string();
        assert!(error.contains("registry.password"), "{error}");
        assert!(config("listen = '0.0.0.0:5000'\npassword = 'korrekt pferd batterie'").is_ok());
        for text in ["password = 'kurz'", "name = 'hub'", "name = 'docker.io'", "name = 'a.b/c'", "max_gib = 0"] {
            assert!(config(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_that_cannot_be_are_refused() {
        for text in [
            "max_sessions = 0",
            "limits.memory_mib = 1",
            "session_hours = 0",
            "limits.disk_mib = 63",
            "max_sessions = -1",
            "max_sessions = 5001",
            "ready_hosts = 5001",
        ] {
            assert!(WorkshopConfig::parse(text).is_err(), "{text}");
        }
        assert_eq!(WorkshopConfig::parse("max_sessions = 5000").unwrap().max_sessions, 5000);
        for origin in ["workshop.example.org", "https://", "https://a/b", "ftp://a", "https://a@b"] {
            assert!(WorkshopConfig::parse(&format!("public_origins = ['{origin}']")).is_err(), "{origin}");
        }
        assert!(WorkshopConfig::parse("public_origins = ['https://hafen.example:8443']").is_ok());
    }
}
