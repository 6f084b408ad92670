//! The endpoints, asked as a browser asks; and as others do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod fixture;
mod http;
mod instructor;
mod roles;
mod socket;
