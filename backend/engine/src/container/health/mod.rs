//! `HEALTHCHECK`: a probe that runs in a container again and again, and what it says of it.

mod config;
mod monitor;
mod probe;
mod state;

pub use state::{Health, HealthStatus, ProbeResult};
