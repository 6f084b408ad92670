//! Compiles `docker-init` (`init/main.rs`), which the engine puts into containers: for itself, and without anything that a
//! container's image would have to have.

use std::path::PathBuf;
use std::process::Command;

/// Else the linker takes the shared C library, which a container may not have.
const STATIC: &str = "-static -Wl,-Bstatic -Wl,--start-group -lc -lgcc -lgcc_eh -Wl,--end-group";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=init/main.rs");
    let program = PathBuf::from(std::env::var("OUT_DIR")?).join("docker-init");
    let mut rustc = Command::new(std::env::var("RUSTC")?);
    rustc.args(["--edition", "2024", "--crate-name", "docker_init", "--target", &std::env::var("TARGET")?]);
    for option in
        ["panic=abort", "opt-level=s", "strip=symbols", "relocation-model=static", "target-feature=+crt-static"]
    {
        rustc.args(["-C", option]);
    }
    rustc.args(["-C", &format!("link-args={STATIC}")]);
    if let Ok(linker) = std::env::var("RUSTC_LINKER") {
        rustc.args(["-C", &format!("linker={linker}")]);
    }
    let done = rustc.arg("-o").arg(&program).arg("init/main.rs").status()?;
    if !done.success() {
        return Err("docker-init can't be built: it needs the static C library (on Debian: libc6-dev)".into());
    }
    Ok(())
}
