//! The registry from outside: what the OCI distribution specification wants, one test for each error code and each way of working.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod errors;
mod gates;
mod hostile;
mod lists;
mod pulls;
mod pushes;
mod referrers;
mod side;
mod uploads;
