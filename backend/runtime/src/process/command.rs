//! Finding and executing the command, with the words that Docker's users know.

use super::failure::{Failure, FailureKind, Result, invalid, reason};
use oci_spec::runtime::Process;
use rustix::fs::{Access, AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, accessat, openat2, statat};
use rustix::io::Errno;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A command that is there and may be executed.
#[derive(Debug)]
pub(crate) struct Command {
    path: PathBuf,
    arguments: Vec<CString>,
}

/// Looks for the command of `process` as the user that the caller has become, from its working directory.
///
/// # Errors
/// [`FailureKind::CommandNotFound`] or [`FailureKind::CommandNotExecutable`].
pub(crate) fn find(process: &Process) -> Result<Command> {
    let arguments = process.args().as_deref().unwrap_or_default();
    let name = arguments.first().map(String::as_str).unwrap_or_default();
    let path = if name.contains('/') {
        executable(Path::new(name)).map_err(|error| {
            let kind = kind_of(error);
            let (before, after) = match error {
                // As Docker says it: clients know by `permission denied` that the exit code is 126.
                Errno::ISDIR => (String::new(), ": permission denied"),
                _ if kind == FailureKind::CommandNotFound => (format!("stat {name}: "), ""),
                _ => (String::new(), ""),
            };
            Failure { kind, message: format!("exec: {name:?}: {before}{}{after}", reason(&error.into())) }
        })?;
        PathBuf::from(name)
    } else {
        search_path(process).map(|directory| directory.join(name)).find(|path| executable(path).is_ok()).ok_or_else(
            || Failure {
                kind: FailureKind::CommandNotFound,
                message: format!("exec: {name:?}: executable file not found in $PATH"),
            },
        )?
    };
    let arguments = arguments.iter().map(|text| c_string(text)).collect::<Result<_>>()?;
    Ok(Command { path, arguments })
}

impl Command {
    /// Becomes the command. Returns only if that fails.
    pub(crate) fn execute(&self, environment: &[CString]) -> Failure {
        let path = match CString::new(self.path.as_os_str().as_bytes()) {
            Ok(path) => path,
            Err(error) => return invalid(error.to_string()),
        };
        let error = match nix::unistd::execve(&path, &self.arguments, environment) {
            Ok(never) => match never {},
            Err(error) => Errno::from_raw_os_error(error as i32),
        };
        let message = format!("exec {}: {}", self.path.display(), reason(&error.into()));
        Failure { kind: kind_of(error), message }
    }
}

pub(super) fn c_string(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| invalid(format!("an argument or variable contains a null byte: {text:?}")))
}

/// Directories of the container's own PATH. Relative ones would find what lies in the working directory.
fn search_path(process: &Process) -> impl Iterator<Item = &Path> {
    let variables = process.env().iter().flatten();
    let path = variables.filter_map(|variable| variable.strip_prefix("PATH=")).next_back().unwrap_or_default();
    path.split(':').map(|directory| Path::new(OsStr::new(directory))).filter(|directory| directory.is_absolute())
}

fn executable(path: &Path) -> std::result::Result<(), Errno> {
    // /proc/self/exe is our own program until execve: it isn't the container's to run (CVE-2019-5736).
    openat2(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::NO_MAGICLINKS)?;
    let found = statat(CWD, path, AtFlags::empty())?;
    match FileType::from_raw_mode(found.st_mode) {
        FileType::Directory => Err(Errno::ISDIR),
        _ => accessat(CWD, path, Access::EXEC_OK, AtFlags::EACCESS),
    }
}

fn kind_of(error: Errno) -> FailureKind {
    match error {
        Errno::NOENT | Errno::NOTDIR => FailureKind::CommandNotFound,
        _ => FailureKind::CommandNotExecutable,
    }
}
