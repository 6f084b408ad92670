//! `--log-driver` and `--log-opt`: whether a container's output is kept, how much of it, and with what beside it.

use super::super::Container;
use crate::{Error, ErrorKind, Result};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a container gets that doesn't say otherwise, as from a daemon's `log-opts`: a flood must not fill the disk.
const DEFAULTS: [(&str, &str); 2] = [("max-file", "3"), ("max-size", "10m")];

/// What all files of one log may take, in bytes, and how many they may be: more is refused.
const MOST_BYTES: u64 = 1 << 30;
const MOST_FILES: i64 = 100;

/// What `json-file` knows in Docker.
const OPTIONS: [&str; 10] = [
    "max-file",
    "max-size",
    "compress",
    "labels",
    "labels-regex",
    "env",
    "env-regex",
    "tag",
    "mode",
    "max-buffer-size",
];

/// Docker's drivers that send logs elsewhere.
const ELSEWHERE: [&str; 9] =
    ["awslogs", "fluentd", "gcplogs", "gelf", "journald", "local", "logentries", "splunk", "syslog"];

/// How a container's output is kept, as asked for: what isn't there is as in [`DEFAULTS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogConfig {
    /// `json-file` or `none`.
    pub driver: String,
    pub options: BTreeMap<String, String>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { driver: "json-file".to_owned(), options: BTreeMap::new() }
    }
}

/// How much is kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Of one file, in bytes.
    pub(crate) max_size: u64,
    pub(crate) max_files: u32,
}

impl LogConfig {
    /// What a client asks for; the empty driver is the default one. Errors: as Docker's at the creation of a container,
    /// which looks at the names of options only; [`LogConfig::limits`] looks at their values, at its start.
    pub fn new(driver: &str, options: BTreeMap<String, String>) -> Result<Self> {
        match driver {
            "" | "json-file" => {}
            "none" => return Ok(Self { driver: driver.to_owned(), options }),
            elsewhere if ELSEWHERE.contains(&elsewhere) => {
                return Err(not_here(&format!(
                    "the log driver {elsewhere} is not there: a virtual host keeps its logs as json-file, \
                     where `docker logs` finds them, or not at all (none)"
                )));
            }
            unknown => {
                let name: String = unknown.chars().take(80).collect();
                let message = format!("error looking up logging plugin {name}: plugin \"{name}\" not found");
                return Err(Error::invalid(message));
            }
        }
        let unknown = options.keys().find(|name| !OPTIONS.contains(&name.as_str()));
        if let Some(name) = unknown {
            return Err(Error::invalid(format!("unknown log opt '{name}' for json-file log driver")));
        }
        let option = |name: &str| options.get(name).map(String::as_str);
        match option("mode") {
            None | Some("" | "blocking") if option("max-buffer-size").is_some() => {
                let message = "logger: max-buffer-size option is only supported with 'mode=non-blocking'";
                return Err(Error::invalid(message));
            }
            None | Some("" | "blocking") => {}
            Some("non-blocking") => {
                return Err(not_here(
                    "the log option mode=non-blocking is not there: what a container writes is in its log before it goes on",
                ));
            }
            Some(mode) => return Err(Error::invalid(format!("logger: logging mode not supported: {mode}"))),
        }
        if option("tag").is_some() {
            return Err(not_here("the log option tag is not there: label containers, and use the log option labels"));
        }
        Ok(Self { driver: "json-file".to_owned(), options })
    }

    /// Whether there is a log.
    pub fn is_kept(&self) -> bool {
        self.driver != "none"
    }

    /// How much is kept. Errors: values that mean nothing, in Docker's words, or ask for too much.
    pub(crate) fn limits(&self) -> Result<Limits> {
        let default = |name: &str| DEFAULTS.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let option = |name: &str| self.options.get(name).map(String::as_str).or_else(|| default(name));
        let max_size = match option("max-size") {
            Some(text) => size(text)?,
            None => 0,
        };
        let max_files = match option("max-file") {
            Some(text) => {
                text.parse::<i64>().map_err(|_| invalid(format!("strconv.Atoi: parsing {text:?}: invalid syntax")))?
            }
            None => 1,
        };
        if max_files < 1 {
            return Err(invalid("max-file cannot be less than 1"));
        }
        match option("compress") {
            None | Some("0" | "f" | "F" | "false" | "FALSE" | "False") => {}
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") if max_files < 2 || max_size == 0 => {
                return Err(invalid("compress cannot be true when max-file is less than 2 or max-size is not set"));
            }
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => {
                return Err(invalid("compress is not there: logs are small here, and read more often than kept"));
            }
            Some(text) => return Err(invalid(format!("strconv.ParseBool: parsing {text:?}: invalid syntax"))),
        }
        if max_files > MOST_FILES || max_size.saturating_mul(max_files.unsigned_abs()) > MOST_BYTES {
            return Err(invalid(format!(
                "max-size times max-file is {MOST_BYTES} bytes at most on a virtual host, and max-file {MOST_FILES}: \
                 the disk is shared with others"
            )));
        }
        Ok(Limits { max_size, max_files: u32::try_from(max_files).unwrap_or(1) })
    }

    /// The labels and variables that go with every line.
    pub(super) fn details(&self, container: &Container) -> BTreeMap<String, String> {
        let env = container.env.iter().filter_map(|variable| variable.split_once('='));
        let labels = container.spec.labels.iter().map(|(key, value)| (&**key, &**value));
        let mut details = self.chosen("env", env);
        details.extend(self.chosen("labels", labels));
        details
    }

    fn chosen<'a>(&self, option: &str, all: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
        let names: Vec<&str> = self.options.get(option).map_or(Vec::new(), |names| names.split(',').collect());
        let pattern = self.options.get(&format!("{option}-regex")).filter(|pattern| !pattern.is_empty());
        let pattern = pattern.and_then(|pattern| Regex::new(pattern).ok());
        let chosen = |name: &str| names.contains(&name) || pattern.as_ref().is_some_and(|it| it.is_match(name));
        all.filter(|(name, _)| chosen(name)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// Reads `10m`, `1.5k`, `100`: a number and a binary unit.
fn size(text: &str) -> Result<u64> {
    let wrong = || invalid(format!("invalid size: '{text}'"));
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase();
    let exponent = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return Err(invalid(format!("invalid suffix: '{unit}'"))),
    };
    let bytes = number * 1024f64.powi(exponent);
    if bytes < 1.0 {
        return Err(invalid("max-size must be a positive number"));
    }
    Ok(bytes as u64)
}

/// Docker finds these when it starts the container, not when it creates it.
fn invalid(why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("failed to create task for container: failed to initialize logging driver: {why}"))
}

fn not_here(why: &str) -> Error {
    Error::new(ErrorKind::NotImplemented, why)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn config(options: &[(&str, &str)]) -> Result<LogConfig> {
        LogConfig::new("", options.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    fn limits(options: &[(&str, &str)]) -> Result<(u64, u32)> {
        config(options)?.limits().map(|limits| (limits.max_size, limits.max_files))
    }

    #[test]
    fn a_log_is_bounded_though_nobody_asks_for_it() {
        assert_eq!(limits(&[]).unwrap(), (10 << 20, 3));
        assert_eq!(limits(&[("max-size", "1.5k")]).unwrap(), (1536, 3));
        assert_eq!(limits(&[("max-file", "1")]).unwrap(), (10 << 20, 1));
        assert_eq!(config(&[]).unwrap(), LogConfig::default());
        assert_eq!(config(&[("max-size", "1m")]).unwrap().options.len(), 1, "shown as asked for");
    }

    #[test]
    fn wrong_values_are_refused_in_dockers_words() {
        for (name, value, words) in [
            ("max-size", "-1", "invalid size: '-1'"),
            ("max-size", "abc", "invalid size: 'abc'"),
            ("max-size", "", "invalid size: ''"),
            ("max-size", "10x", "invalid suffix: 'x'"),
            ("max-size", "0", "max-size must be a positive number"),
            ("max-size", "1t", "1073741824 bytes at most"),
            ("max-file", "0", "max-file cannot be less than 1"),
            ("max-file", "x", "strconv.Atoi: parsing \"x\": invalid syntax"),
            ("max-file", "101", "max-file 100"),
            ("compress", "maybe", "strconv.ParseBool: parsing \"maybe\": invalid syntax"),
        ] {
            let message = limits(&[(name, value)]).unwrap_err().message;
            assert!(message.ends_with(words) || message.contains(words), "{name}={value}: {message}");
        }
        assert_eq!(config(&[("foo", "1")]).unwrap_err().message, "unknown log opt 'foo' for json-file log driver");
        assert_eq!(config(&[("mode", "x")]).unwrap_err().message, "logger: logging mode not supported: x");
    }
}
