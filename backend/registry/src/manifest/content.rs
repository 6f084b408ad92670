//! What is in a manifest.

use super::Manifest;
use super::descriptor::{Descriptor, Raw};
use crate::{Error, Result, json, text};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Image(ImageManifest),
    Index(Index),
}

/// One image: its configuration and its layers, the lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageManifest {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    pub annotations: BTreeMap<String, String>,
}

/// Images for several platforms, the preferred first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub manifests: Vec<Descriptor>,
    pub annotations: BTreeMap<String, String>,
}

/// Far more layers or platforms than any image has.
const MOST_ENTRIES: usize = 1000;

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawImage {
    config: Raw,
    layers: Vec<Raw>,
    annotations: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawIndex {
    manifests: Vec<Raw>,
    annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// # Errors
    /// It is not built as such manifests are, or has more than a thousand entries.
    pub fn content(&self) -> Result<Content> {
        let wrong = |e: serde_json::Error| {
            Error::Lied(format!("manifest {} is wrong: {}", self.digest, text::shown(&e.to_string())))
        };
        if self.is_index() {
            let raw: RawIndex = json::from_slice(&self.bytes).map_err(wrong)?;
            let manifests = self.check(raw.manifests)?;
            Ok(Content::Index(Index { manifests, annotations: raw.annotations }))
        } else {
            let raw: RawImage = json::from_slice(&self.bytes).map_err(wrong)?;
            let (config, layers) = (Descriptor::check(raw.config)?, self.check(raw.layers)?);
            Ok(Content::Image(ImageManifest { config, layers, annotations: raw.annotations }))
        }
    }

    fn check(&self, entries: Vec<Raw>) -> Result<Vec<Descriptor>> {
        if entries.len() > MOST_ENTRIES {
            return Err(Error::TooLarge(format!("manifest {} has {} entries", self.digest, entries.len())));
        }
        entries.into_iter().map(Descriptor::check).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use bytes::Bytes;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn content(json: String) -> Result<Content> {
        Manifest::read(Bytes::from(json), None).unwrap().content()
    }

    fn image(layer: &str) -> Result<Content> {
        let config = format!(r#"{{"mediaType":"c","digest":"sha256:{HEX}","size":0}}"#);
        content(format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{layer}]}}"#))
    }

    #[test]
    fn images_and_indexes_are_read() {
        let layer = format!(
            r#"{{"mediaType":"l","digest":"sha256:{HEX}","size":5,"urls":["https://a"],"annotations":{{"a":"b"}},"new":1}}"#
        );
        let Content::Image(image) = image(&layer).unwrap() else { panic!("no image") };
        assert_eq!((image.config.media_type.as_str(), image.layers.len()), ("c", 1));
        assert_eq!((image.layers[0].size, image.layers[0].annotations["a"].as_str()), (5, "b"));
        let platform = r#"{"os":"linux","architecture":"arm64"}"#;
        let entry = format!(r#"{{"mediaType":"m","digest":"sha256:{HEX}","size":1,"platform":{platform}}}"#);
        let Content::Index(index) = content(format!(r#"{{"manifests":[{entry}]}}"#)).unwrap() else {
            panic!("no index")
        };
        assert_eq!(index.manifests[0].platform.as_ref().unwrap().to_string(), "linux/arm64/v8");
    }

    #[test]
    fn impossible_descriptors_are_refused() {
        for (digest, size) in [
            (format!("sha256:{HEX}"), "-1"),
            (format!("sha256:{HEX}"), "1.5"),
            (format!("sha256:{HEX}"), "\"1\""),
            (format!("sha256:{HEX}"), "1099511627777"),
            (format!("sha256:{HEX}"), "99999999999999999999"),
            ("sha256:../../etc/passwd".to_owned(), "1"),
            (format!("sha512:{HEX}{HEX}"), "1"),
            (String::new(), "1"),
        ] {
            assert!(
                image(&format!(r#"{{"mediaType":"l","digest":"{digest}","size":{size}}}"#)).is_err(),
                "{digest} {size}"
            );
        }
        assert!(image(r#"{"mediaType":"l"}"#).is_err());
        let layer = format!(r#"{{"digest":"sha256:{HEX}","size":5}}"#);
        assert!(image(&vec![layer.clone(); MOST_ENTRIES].join(",")).is_ok());
        assert!(matches!(image(&vec![layer; MOST_ENTRIES + 1].join(",")), Err(Error::TooLarge(_))));
    }
}
