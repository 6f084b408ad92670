//! Constants of Docker's JSON. Go's clients tell `null`, `[]` and `{}` apart, so each has a type.

/// Always `null`.
pub(crate) type Null = ();

/// Always `[]`.
pub(crate) type EmptyList = [(); 0];

/// Always `{}`.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub(crate) struct EmptyMap {}

/// A Go `map[string]struct{}`: `{"80/tcp": {}}`.
pub(crate) type Set = engine::image::Set;

/// What Docker calls this machine's architecture (`GOARCH`).
pub(crate) fn go_arch(machine: &str) -> &str {
    match machine {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
