//! The compiler's WebAssembly target: rustup's, or the one of Debian's packages.

use crate::command::{self, say};
use crate::machine;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler for the web, which comes with the standard library's source instead of the compiled target.
const DEBIAN: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const LINKER: &str = "wasm-ld-22";
const LINKED: &str = "debian-web";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that builds the server.
    Ordinary,
    Debian,
}

/// Finds a compiler for [`TARGET`], or installs what is missing.
pub(crate) fn ensure() -> Result<Toolchain> {
    if let Some(toolchain) = find() {
        return Ok(toolchain);
    }
    say("Installing", &format!("the target {TARGET} (about 10 s)"));
    if command::quiet(Command::new("rustup").args(["target", "add", TARGET])).is_ok() {
        return Ok(Toolchain::Ordinary);
    }
    say("Note", "rustup could not bring the target; Debian's packages have a compiler for it");
    machine::install(DEBIAN, 60)?;
    command::quiet(Command::new("rustup").args(["toolchain", "link", LINKED, "/usr"]))?;
    Ok(Toolchain::Debian)
}

/// What is there already.
pub(crate) fn find() -> Option<Toolchain> {
    let library = command::output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    if library.is_ok_and(|path| Path::new(path.trim()).exists()) {
        return Some(Toolchain::Ordinary);
    }
    let linked = command::output(Command::new("rustup").args(["toolchain", "list"]));
    let linked = linked.is_ok_and(|list| list.lines().any(|line| line.split_whitespace().next() == Some(LINKED)));
    (linked && command::find(LINKER).is_some()).then_some(Toolchain::Debian)
}

impl Toolchain {
    /// Makes `cargo` compile with it.
    pub(crate) fn prepare(self, cargo: &mut Command) {
        if self == Self::Debian {
            cargo
                .env("RUSTUP_TOOLCHAIN", LINKED)
                // cargo sets it for its children, and it would lead past RUSTUP_TOOLCHAIN.
                .env_remove("CARGO")
                .env_remove("RUSTC")
                // `-Z build-std` is unstable, but there is no compiled standard library to link.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER);
        }
    }
}
