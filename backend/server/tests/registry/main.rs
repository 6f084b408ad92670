//! A workshop's own registry with the programs that people use: skopeo, and the real Docker with its own dockerd.
//!
//! `cargo xtask test` provides skopeo and dockerd (`LERNHAFEN_ORACLE`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

#[path = "../common/mod.rs"]
mod common;
mod docker;
mod killed;
mod layout;
mod oci_client;
mod relay;
mod side;
mod skopeo;
