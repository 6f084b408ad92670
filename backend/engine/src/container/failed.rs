//! What a process that can't be started counts as: one rule for containers and execs.

use runtime::keeper::protocol::{Failure, FailureKind};

/// The exit code, as a shell would have it.
pub(crate) fn exit_code(kind: FailureKind) -> i32 {
    match kind {
        FailureKind::CommandNotFound => 127,
        FailureKind::CommandNotExecutable => 126,
        _ => 128,
    }
}

/// Docker's words for an exec that can't be started.
pub(crate) fn exec_words(failure: &Failure) -> String {
    let step = match failure.kind {
        FailureKind::CommandNotFound | FailureKind::CommandNotExecutable => "unable to start container process: ",
        _ => "",
    };
    // Docker's guess at why.
    let hint = if failure.message.ends_with(": not a directory") {
        ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is \
         the expected type"
    } else {
        ""
    };
    format!("OCI runtime exec failed: exec failed: {step}{}{hint}", failure.message)
}
