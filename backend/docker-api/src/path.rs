//! Paths as Docker's clients write them: with a version or without, and with slashes in the names of images.

use crate::error::Error;
use axum::http::Method;

/// Kinds whose names may contain slashes, with the verbs after the name.
const SLASHED: [&str; 3] = ["/images/", "/distribution/", "/plugins/"];

/// Splits `/v1.51/images/a/b/json` into the version, if it has one, and `/images/a%2Fb/json`, which the router can match.
pub(crate) fn resolve<'a>(method: &Method, path: &'a str) -> (Option<&'a str>, String) {
    let (version, path) = split_version(path);
    (version, escape_name(method, path))
}

fn split_version(path: &str) -> (Option<&str>, &str) {
    let versioned = path.strip_prefix("/v").and_then(|rest| {
        let end = rest.find('/')?;
        let version = &rest[..end];
        let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        is_version.then(|| (Some(version), &rest[end..]))
    });
    versioned.unwrap_or((None, path))
}

fn escape_name(method: &Method, path: &str) -> String {
    // `docker rm --link parent/name`.
    if let Some(name) = path.strip_prefix("/containers/").filter(|name| !name.contains("/checkpoints/"))
        && *method == Method::DELETE
    {
        return format!("/containers/{}", name.replace('/', "%2F"));
    }
    let Some((kind, rest)) = SLASHED.iter().find_map(|kind| Some((*kind, path.strip_prefix(kind)?))) else {
        return path.to_owned();
    };
    // `DELETE /images/a/b` ends with the name, everything else with a verb.
    match rest.rsplit_once('/') {
        Some((name, verb)) if *method != Method::DELETE => format!("{kind}{}/{verb}", name.replace('/', "%2F")),
        _ => format!("{kind}{}", rest.replace('/', "%2F")),
    }
}

/// What Docker says of a path that it does not know, and of a method that a path does not have.
pub(crate) fn page_not_found() -> Error {
    Error::not_found("page not found")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(path: &str) -> (Option<&str>, String) {
        resolve(&Method::GET, path)
    }

    #[test]
    fn versions_come_off() {
        assert_eq!(resolved("/v1.44/info"), (Some("1.44"), "/info".into()));
        assert_eq!(resolved("/info"), (None, "/info".into()));
        assert_eq!(resolved("/volumes/x"), (None, "/volumes/x".into()));
        assert_eq!(resolved("/v1.44"), (None, "/v1.44".into()));
    }

    #[test]
    fn slashes_of_names_are_kept_apart_from_the_paths() {
        assert_eq!(resolved("/images/a/b:1/json").1, "/images/a%2Fb:1/json");
        assert_eq!(resolved("/images/json").1, "/images/json");
        assert_eq!(resolve(&Method::DELETE, "/v1.51/images/a/b").1, "/images/a%2Fb");
        assert_eq!(resolve(&Method::DELETE, "/containers/a/b").1, "/containers/a%2Fb");
        let checkpoint = "/containers/a/checkpoints/b";
        assert_eq!(resolve(&Method::DELETE, checkpoint).1, checkpoint);
        assert_eq!(resolved("/containers/a/json").1, "/containers/a/json");
    }
}
