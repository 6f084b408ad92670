//! `cargo xtask doctor`: what building and testing need, without installing any of it.

use crate::command::say;
use crate::machine::{self, Need};
use crate::page::toolchain::{self, Toolchain};
use anyhow::{Result, bail};

pub(crate) fn doctor() -> Result<()> {
    let mut missing = 0;
    for (task, needs) in [("cargo xtask run", machine::FOR_RUN), ("cargo xtask test", machine::FOR_TEST)] {
        missing += needs.iter().filter(|need| !report(task, need)).count();
    }
    match toolchain::find() {
        Some(Toolchain::Ordinary) => say("OK", "WebAssembly: the compiler has the target"),
        Some(Toolchain::Debian) => say("OK", "WebAssembly: Debian's compiler for the web"),
        None => {
            missing += 1;
            say(
                "Missing",
                &format!("WebAssembly: the page is compiled to it. Run: rustup target add {}", toolchain::TARGET),
            );
        }
    }
    if machine::is_root() {
        say("OK", "root: makes namespaces and cgroups");
    } else {
        missing += 1;
        say("Missing", "root: it makes namespaces and cgroups. Run `cargo xtask run` with sudo --preserve-env=PATH");
    }
    say("Note", "what the kernel offers, says `lernhafen doctor`");
    if missing > 0 {
        bail!("missing: {missing}. As root on Debian, `cargo xtask run` and `cargo xtask test` install it themselves");
    }
    Ok(())
}

/// One line; whether it is there.
fn report(task: &str, need: &Need) -> bool {
    if (need.present)() {
        say("OK", need.what);
        return true;
    }
    let packages = need.packages.join(" ");
    say("Missing", &format!("{}: {}. For `{task}` run: apt-get install {packages}", need.what, need.why));
    false
}
