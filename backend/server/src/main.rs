//! The binary `lernhafen`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::command::main()
}
