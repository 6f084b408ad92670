//! `WWW-Authenticate`: how a registry wants to know who asks (RFC 9110, 11.6.1).

use std::collections::BTreeMap;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    Basic,
    /// A token from somebody else (distribution's `token.md`).
    Bearer {
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

impl Challenge {
    /// The first of a header's challenges that can be met.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let mut rest = header.trim_start();
        while let Some((scheme, after)) = token(rest) {
            let (parameters, after) = parameters(after);
            if scheme.eq_ignore_ascii_case("basic") {
                return Some(Self::Basic);
            }
            if scheme.eq_ignore_ascii_case("bearer")
                && let Some(realm) = parameters.get("realm")
            {
                let [service, scope] = ["service", "scope"].map(|name| parameters.get(name).cloned());
                return Some(Self::Bearer { realm: realm.clone(), service, scope });
            }
            rest = after.trim_start_matches([',', ' ', '\t']);
        }
        None
    }
}

/// Name and value pairs, until what comes is the next challenge.
fn parameters(mut rest: &str) -> (BTreeMap<String, String>, &str) {
    let mut found = BTreeMap::new();
    loop {
        let before = rest;
        rest = rest.trim_start_matches([',', ' ', '\t']);
        let Some((name, after)) = token(rest) else { return (found, rest) };
        let Some(value) = after.trim_start().strip_prefix('=') else { return (found, before) };
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted_string(quoted),
            None => token(value).map_or((String::new(), value), |(value, after)| (value.to_owned(), after)),
        };
        found.insert(name.to_ascii_lowercase(), value);
        rest = after;
    }
}

fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/:".contains(character);
    let end = text.find(|character| !is_token(character)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// After its opening quote.
fn quoted_string(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return (value, &text[index + 1..]),
            '\\' => value.extend(characters.next().map(|(_, character)| character)),
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Option<Challenge> {
        let [service, scope] = [service, scope].map(|text| text.map(str::to_owned));
        Some(Challenge::Bearer { realm: realm.to_owned(), service, scope })
    }

    #[test]
    fn challenges_are_read_however_they_are_written() {
        for (header, expected) in [
            ("Basic realm=\"x\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://auth.example/token\",service=\"reg\",scope=\"repository:a/b:pull,push\"",
                bearer("https://auth.example/token", Some("reg"), Some("repository:a/b:pull,push")),
            ),
            ("bearer  Realm = \"a\\\"b\" , service=reg", bearer("a\"b", Some("reg"), None)),
            ("Negotiate abc==, Bearer realm=\"r\"", bearer("r", None, None)),
            ("Digest realm=\"d\", nonce=\"n\", Basic realm=\"b\"", Some(Challenge::Basic)),
            ("Bearer service=\"x\"", None),
            ("", None),
            (",,,", None),
            ("Bearer realm=\"unfinished", bearer("unfinished", None, None)),
        ] {
            assert_eq!(Challenge::parse(header), expected, "{header}");
        }
    }
}
