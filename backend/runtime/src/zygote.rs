//! The zygote: a small process, forked before the server has threads, that forks keepers.

/// The server's end of the zygote.
#[derive(Debug)]
pub struct Zygote {}
