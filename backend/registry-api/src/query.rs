//! What is behind the question mark.

use crate::error::{Error, Reply};
use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;

/// All parameters that an endpoint has. Unknown ones are ignored, as clients add theirs (`ns`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Parameters {
    pub(crate) digest: Option<String>,
    pub(crate) mount: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) last: Option<String>,
    n: Option<String>,
    #[serde(rename = "artifactType")]
    pub(crate) artifact_type: Option<String>,
}

impl Parameters {
    pub(crate) fn of(uri: &Uri) -> Reply<Self> {
        let Query(parameters) = Query::try_from_uri(uri)
            .map_err(|error| Error::unsupported(format!("the parameters can't be read: {error:.200}")))?;
        Ok(parameters)
    }

    /// How many are asked for, at most.
    pub(crate) fn count(&self) -> Reply<Option<usize>> {
        let Some(text) = &self.n else { return Ok(None) };
        match text.parse::<u32>() {
            Ok(count) => Ok(usize::try_from(count).ok()),
            Err(_) => Err(Error::new(
                StatusCode::BAD_REQUEST,
                "PAGINATION_NUMBER_INVALID",
                format!("n is {text:.50?}: how many are wanted is a number from 0 up"),
            )),
        }
    }

    /// The digest of what is sent.
    pub(crate) fn digest(&self) -> Reply<&str> {
        let missing = || Error::new(StatusCode::BAD_REQUEST, "DIGEST_INVALID", "the parameter digest is missing");
        self.digest.as_deref().ok_or_else(missing)
    }
}
