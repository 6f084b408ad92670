//! Descriptors: what is to be fetched, by digest.

use super::Platform;
use crate::{Digest, Error, Result, text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Content that a manifest names. Its size and digest are the manifest's claim: a download checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    pub media_type: String,
    pub digest: Digest,
    /// In bytes.
    pub size: u64,
    /// In an index: which machines the image is for.
    pub platform: Option<Platform>,
    /// Where else it may be had. Not used here: nobody vouches for those places.
    pub urls: Vec<String>,
    pub annotations: BTreeMap<String, String>,
}

/// A terabyte. No layer is so large, and nothing overflows that adds some.
const LARGEST: u64 = 1 << 40;

/// As it is written.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Raw {
    media_type: String,
    digest: String,
    size: u64,
    platform: Option<super::platform::Raw>,
    urls: Vec<String>,
    annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Of content that one has, to upload it.
    pub fn of(media_type: impl Into<String>, content: &[u8]) -> Self {
        Self {
            media_type: media_type.into(),
            digest: Digest::of(content),
            size: content.len() as u64,
            platform: None,
            urls: Vec::new(),
            annotations: BTreeMap::new(),
        }
    }

    pub(super) fn check(raw: Raw) -> Result<Self> {
        let digest = Digest::parse(&raw.digest)?;
        if raw.size > LARGEST {
            return Err(Error::TooLarge(format!("{digest} is said to have {} bytes", raw.size)));
        }
        let media_type = raw.media_type;
        if media_type.len() > 255 || media_type.chars().any(char::is_control) {
            return Err(Error::Lied(format!("{digest} has no proper media type: {}", text::shown(&media_type))));
        }
        Ok(Self {
            media_type,
            digest,
            size: raw.size,
            platform: raw.platform.map(Platform::from),
            urls: raw.urls,
            annotations: raw.annotations,
        })
    }
}
