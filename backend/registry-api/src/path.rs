//! Which endpoint a path means. Names of repositories have slashes, so the end of a path says what it is.

use percent_encoding::percent_decode_str;

/// What a request is about, as it was written: names are checked where they are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Base,
    Catalog,
    Tags {
        repository: String,
    },
    Manifest {
        repository: String,
        reference: String,
    },
    Blob {
        repository: String,
        digest: String,
    },
    /// `…/blobs/uploads/`, where uploads begin.
    Uploads {
        repository: String,
    },
    Upload {
        repository: String,
        id: String,
    },
    Referrers {
        repository: String,
        digest: String,
    },
}

impl Endpoint {
    /// `None`: there is no such endpoint, or the path can't be read.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/v2")?;
        if matches!(rest, "" | "/") {
            return Some(Self::Base);
        }
        let parts: Vec<String> = rest.strip_prefix('/')?.split('/').map(decode).collect::<Option<_>>()?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let name = |parts: &[&str]| parts.join("/");
        Some(match parts.as_slice() {
            ["_catalog"] => Self::Catalog,
            [repository @ .., "tags", "list"] if !repository.is_empty() => Self::Tags { repository: name(repository) },
            [repository @ .., "manifests", reference] if !repository.is_empty() => {
                Self::Manifest { repository: name(repository), reference: (*reference).to_owned() }
            }
            [repository @ .., "referrers", digest] if !repository.is_empty() => {
                Self::Referrers { repository: name(repository), digest: (*digest).to_owned() }
            }
            [repository @ .., "blobs", "uploads", ""] | [repository @ .., "blobs", "uploads"]
                if !repository.is_empty() =>
            {
                Self::Uploads { repository: name(repository) }
            }
            [repository @ .., "blobs", "uploads", id] if !repository.is_empty() => {
                Self::Upload { repository: name(repository), id: (*id).to_owned() }
            }
            [repository @ .., "blobs", digest] if !repository.is_empty() => {
                Self::Blob { repository: name(repository), digest: (*digest).to_owned() }
            }
            _ => return None,
        })
    }

    /// The methods that it has.
    pub(crate) fn allow(&self) -> &'static str {
        match self {
            Self::Base | Self::Catalog | Self::Tags { .. } | Self::Referrers { .. } => "GET, HEAD",
            Self::Manifest { .. } => "GET, HEAD, PUT, DELETE",
            Self::Blob { .. } => "GET, HEAD, DELETE",
            Self::Uploads { .. } => "POST",
            Self::Upload { .. } => "GET, HEAD, PATCH, PUT, DELETE",
        }
    }

    /// The repository that it is in.
    pub(crate) fn repository(&self) -> Option<&str> {
        match self {
            Self::Base | Self::Catalog => None,
            Self::Tags { repository }
            | Self::Manifest { repository, .. }
            | Self::Blob { repository, .. }
            | Self::Uploads { repository }
            | Self::Upload { repository, .. }
            | Self::Referrers { repository, .. } => Some(repository),
        }
    }
}

/// `%3A` and the like. A slash that was hidden so stays a part of its name, and makes it a wrong one.
fn decode(part: &str) -> Option<String> {
    let is_escape =
        |rest: &str| rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    if !part.split('%').skip(1).all(is_escape) {
        return None;
    }
    Some(percent_decode_str(part).decode_utf8().ok()?.replace('/', "%2F"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn the_end_says_what_it_is() {
        let (repository, digest) = (own("ada/app"), own("sha256:0"));
        for (path, endpoint) in [
            ("/v2/", Endpoint::Base),
            ("/v2", Endpoint::Base),
            ("/v2/_catalog", Endpoint::Catalog),
            ("/v2/ada/app/tags/list", Endpoint::Tags { repository: repository.clone() }),
            (
                "/v2/ada/app/manifests/sha256%3a0",
                Endpoint::Manifest { repository: repository.clone(), reference: digest.clone() },
            ),
            ("/v2/ada/app/blobs/sha256:0", Endpoint::Blob { repository: repository.clone(), digest: digest.clone() }),
            ("/v2/ada/app/blobs/uploads/", Endpoint::Uploads { repository: repository.clone() }),
            ("/v2/ada/app/blobs/uploads", Endpoint::Uploads { repository: repository.clone() }),
            ("/v2/ada/app/blobs/uploads/7", Endpoint::Upload { repository: repository.clone(), id: own("7") }),
            ("/v2/ada/app/referrers/sha256:0", Endpoint::Referrers { repository, digest }),
            // A repository may be called like an endpoint.
            ("/v2/blobs/uploads/tags/list", Endpoint::Tags { repository: own("blobs/uploads") }),
            (
                "/v2/a/blobs/uploads/manifests/b",
                Endpoint::Manifest { repository: own("a/blobs/uploads"), reference: own("b") },
            ),
            ("/v2/a%2Fb/tags/list", Endpoint::Tags { repository: own("a%2Fb") }),
            ("/v2/a/../b/tags/list", Endpoint::Tags { repository: own("a/../b") }),
        ] {
            assert_eq!(Endpoint::of(path), Some(endpoint), "{path}");
        }
    }

    #[test]
    fn other_paths_mean_nothing() {
        for path in [
            "/",
            "/v1/",
            "/v2/x",
            "/v2/tags/list",
            "/v2//",
            "/v2/a/manifests",
            "/v2/%",
            "/v2/%f/tags/list",
            "/v2/%+f/tags/list",
            "/v22/",
        ] {
            assert_eq!(Endpoint::of(path), None, "{path}");
        }
    }
}
