//! The keeper: the small process that owns the running processes of one virtual host.

pub mod protocol;
pub fn sweep(_c:&str)->std::io::Result<()>{Ok(())}