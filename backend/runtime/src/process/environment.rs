//! The environment of a process.

use super::command::c_string;
use crate::failure::Result;
use oci_spec::runtime::Process;
use std::ffi::CString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

/// More of `/etc/passwd` is not read: it is the container's, and may be endless.
const MAX_PASSWD: u64 = 1 << 20;

/// The variables of `process`, and `HOME` where it isn't among them: that of the user in the container's `/etc/passwd`.
pub(crate) fn of(process: &Process) -> Result<Vec<CString>> {
    let listed = process.env().as_deref().unwrap_or_default();
    let mut variables = listed.iter().map(|variable| c_string(variable)).collect::<Result<Vec<_>>>()?;
    if !listed.iter().any(|variable| variable.starts_with("HOME=")) {
        let home = home_of(process.user().uid()).unwrap_or_else(|| "/".to_owned());
        variables.push(c_string(&format!("HOME={home}"))?);
    }
    Ok(variables)
}

fn home_of(uid: u32) -> Option<String> {
    // A container could have put something there that opening waits for.
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    let file = rustix::fs::open("/etc/passwd", flags, rustix::fs::Mode::empty()).ok()?;
    let lines = BufReader::new(File::from(file).take(MAX_PASSWD)).lines();
    lines.map_while(std::io::Result::ok).find_map(|line| {
        let mut fields = line.split(':').skip(2);
        let found = fields.next()?.parse() == Ok(uid);
        fields.nth(2).filter(|home| found && !home.is_empty()).map(str::to_owned)
    })
}
