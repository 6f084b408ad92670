//! The keeper: the small process that owns the running processes of one virtual host.

pub mod protocol;
