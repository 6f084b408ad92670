//! `docker-init`, the first process of containers that were asked for with `--init`.

/// The program: statically linked, so that it runs in any container. Its source is `init/main.rs`.
pub const PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/docker-init"));
