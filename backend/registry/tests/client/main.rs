//! The client against registries that lie, stall and hang up, and against Docker's own. Nothing leaves the machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod auth;
mod distribution;
mod downloads;
mod hostile;
mod indexes;
mod login;
mod mirrors;
mod redirects;
mod search;
mod tls;
mod uploads;
