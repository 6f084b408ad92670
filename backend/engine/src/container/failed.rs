//! What a process that can't be started counts as: one rule for containers and execs.

use runtime::failure::{Failure, FailureKind};

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
    let step = if is_of_command(failure.kind) { "unable to start container process: " } else { "" };
    format!("OCI runtime exec failed: exec failed: {step}{}{}", failure.message, hint(failure))
}

/// Docker's words for a container that can't be started. The CLI takes its own exit code (125, 126, 127) from them.
pub(crate) fn start_words(failure: &Failure) -> String {
    let step = match is_of_command(failure.kind) {
        true => {
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: \
             unable to start container process: error during container init: "
        }
        false => return failure.message.clone(),
    };
    format!("{step}{}{}", failure.message, hint(failure))
}

fn is_of_command(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::CommandNotFound | FailureKind::CommandNotExecutable | FailureKind::CommandUnusable)
}

/// Docker's guess at why.
fn hint(failure: &Failure) -> &'static str {
    match failure.message.ends_with(": not a directory") {
        true => {
            ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is \
             the expected type"
        }
        false => "",
    }
}
