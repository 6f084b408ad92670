//! Finding and executing the command, with the words that Docker's users know.

use crate::failure::{Failure, FailureKind, Result, invalid, reason};
use crate::sys;
use oci_spec::runtime::Process;
use rustix::fs::{Access, AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, accessat, openat2, statat};
use rustix::io::Errno;
use std::convert::Infallible;
use std::ffi::{CString, OsStr};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A command that is there and may be executed.
#[derive(Debug)]
pub(crate) struct Command {
    path: PathBuf,
    arguments: Vec<CString>,
}

/// What a process ends with whose command turned out to be none: Docker's.
const NO_PROGRAM: i32 = 255;

/// Why a path is no command.
enum Unfit {
    /// It can't be looked at.
    Stat(Errno),
    /// It may not be executed.
    Execute(Errno),
}

/// Looks for the command of `process` as the user that the caller has become, from its working directory.
///
/// # Errors
/// [`FailureKind::CommandNotFound`], [`FailureKind::CommandNotExecutable`] or [`FailureKind::CommandUnusable`].
pub(crate) fn find(process: &Process) -> Result<Command> {
    let arguments = process.args().as_deref().unwrap_or_default();
    let name = arguments.first().map(String::as_str).unwrap_or_default();
    let path = if name.contains('/') {
        executable(Path::new(name)).map_err(|unfit| unfit.failure(name))?;
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
    /// Becomes the command. If the kernel can't execute what is there (a script whose interpreter is missing, a program for another
    /// machine), the process has started all the same, as in Docker: it says so itself, where its user looks, and ends.
    ///
    /// # Errors
    /// The command's path is none.
    pub(crate) fn execute(&self, environment: &[CString]) -> Result<Infallible> {
        let path = CString::new(self.path.as_os_str().as_bytes()).map_err(|error| invalid(error.to_string()))?;
        let error = match nix::unistd::execve(&path, &self.arguments, environment) {
            Ok(never) => match never {},
            Err(error) => Errno::from_raw_os_error(error as i32),
        };
        let words = format!("exec {}: {}\n", self.path.display(), reason(&error.into()));
        // Whoever closed the other end doesn't want to know; a filter of the user's own may even forbid it.
        let _ = std::io::stderr().write_all(words.as_bytes());
        sys::exit(NO_PROGRAM)
    }
}

impl Unfit {
    /// In Docker's words: by some of them its clients know the exit code.
    fn failure(&self, name: &str) -> Failure {
        let (error, before) = match *self {
            Self::Stat(error) => (error, format!("stat {name}: ")),
            Self::Execute(error) => (error, String::new()),
        };
        let after = if error == Errno::ISDIR { ": permission denied" } else { "" };
        let kind = match (self, error) {
            (Self::Stat(_), Errno::NOENT | Errno::NOTDIR) => FailureKind::CommandNotFound,
            (Self::Execute(_), _) | (_, Errno::ACCESS) => FailureKind::CommandNotExecutable,
            _ => FailureKind::CommandUnusable,
        };
        Failure { kind, message: format!("exec: {name:?}: {before}{}{after}", reason(&error.into())) }
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

fn executable(path: &Path) -> std::result::Result<(), Unfit> {
    let found = statat(CWD, path, AtFlags::empty()).map_err(Unfit::Stat)?;
    // /proc/self/exe is our own program until execve: it isn't the container's to run (CVE-2019-5736).
    openat2(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::NO_MAGICLINKS)
        .map_err(Unfit::Execute)?;
    match FileType::from_raw_mode(found.st_mode) {
        FileType::Directory => Err(Unfit::Execute(Errno::ISDIR)),
        _ => accessat(CWD, path, Access::EXEC_OK, AtFlags::EACCESS).map_err(Unfit::Execute),
    }
}
