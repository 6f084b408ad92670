//! Which crate may use which: `frontend → protocol ← server → docker-api → engine → runtime → archive` and `registry`,
//! and what each must not know.

use super::File;
use std::collections::BTreeSet;
use toml::{Table, Value};

struct Crate {
    manifest: &'static str,
    /// Those of our own crates that it may use.
    ours: &'static [&'static str],
    /// What it must not even depend on.
    never: &'static [&'static str],
}

const HTTP: &[&str] = &["axum", "axum-core", "http", "http-body-util", "hyper", "hyper-util", "tower", "tower-http"];
const OURS: &[&str] =
    &["archive", "docker-api", "engine", "frontend", "protocol", "registry", "registry-api", "runtime", "server"];

const CRATES: &[Crate] = &[
    // It reads what is hostile, and makes nothing of it but files in a directory that it is given.
    Crate { manifest: "backend/archive/Cargo.toml", ours: &[], never: &["axum", "hyper", "nix", "libc", "tokio"] },
    Crate { manifest: "backend/runtime/Cargo.toml", ours: &["archive"], never: HTTP },
    // It speaks to a world that is hostile, and touches nothing of the machine but sockets.
    Crate { manifest: "backend/registry/Cargo.toml", ours: &[], never: &["axum", "nix", "rustix", "libc"] },
    Crate { manifest: "backend/engine/Cargo.toml", ours: &["archive", "registry", "runtime"], never: HTTP },
    Crate { manifest: "backend/docker-api/Cargo.toml", ours: &["engine"], never: &["nix", "rustix", "libc"] },
    Crate { manifest: "backend/registry-api/Cargo.toml", ours: &["engine"], never: &["nix", "rustix", "libc"] },
    Crate {
        manifest: "backend/server/Cargo.toml",
        ours: &["archive", "docker-api", "engine", "protocol", "registry-api", "runtime"],
        never: &["nix", "libc"],
    },
    Crate { manifest: "backend/protocol/Cargo.toml", ours: &[], never: &["tokio", "nix", "rustix", "libc"] },
    Crate { manifest: "frontend/Cargo.toml", ours: &["protocol"], never: &["tokio"] },
];

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for rule in CRATES {
        let Some(file) = files.iter().find(|file| file.path == rule.manifest) else { continue };
        let Ok(manifest) = file.text.parse::<Table>() else {
            complaints.push(format!("{}: is not TOML", file.path));
            continue;
        };
        for name in dependencies(&manifest) {
            let ours = OURS.contains(&name.as_str()) && !rule.ours.contains(&name.as_str());
            if ours || rule.never.contains(&name.as_str()) {
                complaints.push(format!("{}: must not depend on {name}", file.path));
            }
        }
    }
    complaints
}

/// The names of what a crate is built from. What only its tests use may be anything.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let target = manifest.get("target").and_then(Value::as_table);
    let tables =
        std::iter::once(manifest).chain(target.into_iter().flat_map(Table::values).filter_map(Value::as_table));
    tables
        .filter_map(|table| table.get("dependencies").and_then(Value::as_table))
        .flat_map(|table| table.iter().map(|(name, value)| package(name, value)))
        .collect()
}

/// A dependency under another name is still the one that `package` says.
fn package(name: &str, value: &Value) -> String {
    value.get("package").and_then(Value::as_str).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::check;

    #[test]
    fn keeps_the_direction() {
        assert_eq!(
            check(&[file("backend/engine/Cargo.toml", "[dependencies]\ndocker-api.workspace = true\n")]).len(),
            1
        );
        assert!(
            check(&[file("backend/docker-api/Cargo.toml", "[dependencies]\nengine.workspace = true\n")]).is_empty()
        );
    }

    #[test]
    fn keeps_the_registry_to_itself() {
        for other in ["engine", "runtime", "nix", "axum"] {
            let manifest = format!("[dependencies]\n{other}.workspace = true\n");
            assert_eq!(check(&[file("backend/registry/Cargo.toml", &manifest)]).len(), 1, "{other}");
        }
        assert!(check(&[file("backend/engine/Cargo.toml", "[dependencies]\nregistry.workspace = true\n")]).is_empty());
    }

    #[test]
    fn keeps_http_out_of_the_engine() {
        assert_eq!(check(&[file("backend/engine/Cargo.toml", "[dependencies]\nhyper = \"1\"\n")]).len(), 1);
        assert!(check(&[file("backend/engine/Cargo.toml", "[dev-dependencies]\nhyper = \"1\"\n")]).is_empty());
    }

    #[test]
    fn sees_through_other_names_and_targets() {
        let renamed = "[dependencies]\nweb = { package = \"axum\", version = \"1\" }\n";
        let targeted = "[target.'cfg(unix)'.dependencies]\naxum = \"1\"\n";
        assert_eq!(check(&[file("backend/engine/Cargo.toml", renamed)]).len(), 1);
        assert_eq!(check(&[file("backend/engine/Cargo.toml", targeted)]).len(), 1);
    }
}
