//! Parameters of a request's query, in Docker's ways of writing them.

use crate::error::{Error, Reply};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde_json::Value;
use std::str::FromStr;

/// A name or an id in the path.
#[derive(Debug)]
pub(crate) struct Name(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Reply<Self> {
        let Path(name) = Path::from_request_parts(parts, state)
            .await
            .map_err(|_| Error::bad("the name in the path is not UTF-8"))?;
        Ok(Self(name))
    }
}

/// The query. Of a parameter that comes twice the first counts.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Reply<Self> {
        let Query(params) =
            Query::try_from_uri(&parts.uri).map_err(|error| Error::bad(format!("invalid query: {error}")))?;
        Ok(Self(params))
    }
}

impl Params {
    /// `None` also for an empty value.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Every value of a parameter that may come several times.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Docker's booleans: nothing, `0`, `no`, `false` and `none` are false, anything else is true.
    pub(crate) fn bool(&self, name: &str) -> bool {
        let value = self.text(name).unwrap_or("").trim().to_ascii_lowercase();
        !matches!(value.as_str(), "" | "0" | "no" | "false" | "none")
    }

    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Reply<Option<T>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Error::bad(format!("invalid value {text:?} for {name}: must be a number")))
    }

    /// `h` and `w`: the rows and columns of a terminal, both required.
    pub(crate) fn terminal_size(&self) -> Reply<(u16, u16)> {
        let side = |name: &str, what: &str| {
            let text = self.text(name).unwrap_or_default();
            text.parse().map_err(|_| Error::bad(format!("invalid resize {what} {text:?}: invalid syntax")))
        };
        Ok((side("h", "height")?, side("w", "width")?))
    }

    /// Refuses parameters that ask for what is not there yet; each with the option's name.
    pub(crate) fn refuse(&self, options: &[(&str, &str)]) -> Reply<()> {
        match options.iter().find(|(name, _)| self.bool(name)) {
            Some((_, option)) => Err(Error::not_yet(option)),
            None => Ok(()),
        }
    }

    /// `filters`: a JSON map of names to values, these as a list or (Go's clients) as a map to `true`.
    pub(crate) fn filters(&self) -> Reply<Vec<(String, Vec<String>)>> {
        let invalid = || Error::bad("invalid filter");
        let Some(text) = self.text("filters") else { return Ok(Vec::new()) };
        let Ok(Value::Object(filters)) = serde_json::from_str(text) else { return Err(invalid()) };
        filters.into_iter().map(|(name, values)| Ok((name, filter_values(values).ok_or_else(invalid)?))).collect()
    }
}

fn filter_values(values: Value) -> Option<Vec<String>> {
    match values {
        Value::Array(values) => values.into_iter().map(|value| Some(value.as_str()?.to_owned())).collect(),
        Value::Object(values) => values
            .into_iter()
            .filter_map(|(value, set)| match set {
                Value::Bool(true) => Some(Some(value)),
                Value::Bool(false) => None,
                _ => Some(None),
            })
            .collect(),
        Value::Null => Some(Vec::new()),
        _ => None,
    }
}

/// Refuses a filter that Docker does not know, in Docker's words.
pub(crate) fn unknown_filter(name: &str) -> Error {
    Error::bad(format!("invalid filter '{name}'"))
}

/// A truth value, as Docker finds it among what else a client sends.
pub(crate) fn boolean(filter: &str, values: &[String]) -> Reply<bool> {
    let has = |words: [&str; 2]| values.iter().any(|value| words.contains(&value.as_str()));
    match (has(["true", "1"]), has(["false", "0"])) {
        (true, false) => Ok(true),
        (false, true) => Ok(false),
        _ if values.is_empty() => Err(unknown_filter(filter)),
        _ => {
            let mut values = values.to_vec();
            values.sort_unstable();
            Err(Error::bad(format!("invalid filter '{filter}=[{}]'", values.join(" "))))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn params(name: &str, value: &str) -> Params {
        Params(vec![(name.into(), value.into())])
    }

    #[test]
    fn booleans_are_dockers() {
        for (value, truth) in [
            ("", false),
            ("0", false),
            ("no", false),
            ("False", false),
            ("none", false),
            ("1", true),
            ("true", true),
            ("yes", true),
            ("off", true),
        ] {
            assert_eq!(params("all", value).bool("all"), truth, "{value:?}");
        }
        assert!(!params("x", "1").bool("all"));
    }

    #[test]
    fn filters_come_in_two_forms() {
        let expected = vec![("type".to_owned(), vec!["container".to_owned()])];
        assert_eq!(params("filters", r#"{"type":{"container":true}}"#).filters().unwrap(), expected);
        assert_eq!(params("filters", r#"{"type":["container"]}"#).filters().unwrap(), expected);
        assert_eq!(params("filters", "").filters().unwrap(), []);
        assert_eq!(params("filters", "{}").filters().unwrap(), []);
        for bad in ["x", "[]", "1", r#"{"a":1}"#, r#"{"a":[1]}"#, r#"{"a":{"b":1}}"#, r#"{"a":"b"}"#] {
            assert_eq!(params("filters", bad).filters().unwrap_err().message, "invalid filter", "{bad}");
        }
    }

    #[test]
    fn numbers_are_numbers() {
        assert_eq!(params("t", "-1").number::<i64>("t").unwrap(), Some(-1));
        assert_eq!(params("t", "").number::<i64>("t").unwrap(), None);
        assert!(params("h", "70000").number::<u16>("h").is_err());
        assert!(params("t", "abc").number::<i64>("t").unwrap_err().message.contains("\"abc\""));
    }

    #[test]
    fn what_is_not_there_yet_is_named() {
        let error = params("size", "1").refuse(&[("all", "`--all`"), ("size", "`docker ps --size`")]).unwrap_err();
        assert_eq!(error.message, "`docker ps --size` is not there yet in Lernhafen");
    }
}
