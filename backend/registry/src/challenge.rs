//! `WWW-Authenticate`: how a registry wants to be shown who asks.

use hyper::header::{HeaderMap, WWW_AUTHENTICATE};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    Basic,
    Bearer(Bearer),
}

/// Where tokens are to be had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) realm: String,
    pub(crate) service: Option<String>,
    pub(crate) scope: Option<String>,
    /// Why the token that was shown does not do: `insufficient_scope`.
    pub(crate) error: Option<String>,
    pub(crate) error_description: Option<String>,
}

/// Longer is no challenge.
const LONGEST: usize = 8 << 10;

impl Challenge {
    /// All that are understood: those of other schemes are skipped.
    pub(crate) fn of(headers: &HeaderMap) -> Vec<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        values.filter(|value| value.len() <= LONGEST).flat_map(parse).collect()
    }
}

/// `Bearer realm="…",service="…", Basic realm="…"`: schemes with parameters, a comma between each two.
fn parse(text: &str) -> Vec<Challenge> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = token(rest);
        if word.is_empty() {
            break;
        }
        let after = after.trim_start_matches([' ', '\t']);
        match after.strip_prefix('=') {
            // A parameter of the scheme before.
            Some(value) => {
                let Some((value, after)) = parameter(value.trim_start_matches([' ', '\t'])) else { break };
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((word.to_ascii_lowercase(), value));
                }
                rest = after;
            }
            None => {
                found.push((word.to_ascii_lowercase(), Vec::new()));
                rest = after;
            }
        }
    }
    found.into_iter().filter_map(|(scheme, parameters)| challenge(&scheme, parameters)).collect()
}

fn challenge(scheme: &str, parameters: Vec<(String, String)>) -> Option<Challenge> {
    if scheme == "basic" {
        return Some(Challenge::Basic);
    }
    if scheme != "bearer" {
        return None;
    }
    let mut bearer = Bearer::default();
    for (name, value) in parameters {
        match name.as_str() {
            "realm" => bearer.realm = value,
            "service" => bearer.service = Some(value),
            "scope" => bearer.scope = Some(value),
            "error" => bearer.error = Some(value),
            "error_description" => bearer.error_description = Some(value),
            _ => {}
        }
    }
    (!bearer.realm.is_empty()).then_some(Challenge::Bearer(bearer))
}

/// A word of a header, and what follows.
fn token(text: &str) -> (&str, &str) {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// A value, quoted or not, and what follows. Some registries write unquoted addresses, with `/` and `:`.
fn parameter(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find([',', ' ', '\t']).unwrap_or(text.len()));
        return Some((value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[place + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Challenge::Bearer(Bearer {
            realm: realm.to_owned(),
            service: owned(service),
            scope: owned(scope),
            ..Bearer::default()
        })
    }

    #[test]
    fn challenges_are_read() {
        for (given, challenges) in [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
                vec![bearer(
                    "https://auth.docker.io/token",
                    Some("registry.docker.io"),
                    Some("repository:a/b:pull,push"),
                )],
            ),
            ("Basic realm=\"a, Bearer realm=b\"", vec![Challenge::Basic]),
            ("basic", vec![Challenge::Basic]),
            ("BEARER Realm = \"r\" , Service=s", vec![bearer("r", Some("s"), None)]),
            ("Bearer realm=https://a/b?c,service=\"\"", vec![bearer("https://a/b?c", Some(""), None)]),
            (r#"Bearer realm="a\"b\\c""#, vec![bearer("a\"b\\c", None, None)]),
            ("Negotiate, Bearer realm=\"r\", Basic realm=\"x\"", vec![bearer("r", None, None), Challenge::Basic]),
            ("Negotiate YWJj==, Basic realm=\"x\"", vec![Challenge::Basic]),
            (",, Basic ,", vec![Challenge::Basic]),
            ("Bearer service=\"s\"", vec![]),
            ("Bearer realm=\"unfinished", vec![]),
            ("Bearer realm=\"unfinished\\", vec![]),
            ("", vec![]),
            ("=\"x\"", vec![]),
            ("\"Bearer\" realm=x", vec![]),
        ] {
            assert_eq!(parse(given), challenges, "{given}");
        }
    }

    #[test]
    fn each_header_counts_and_monsters_do_not() {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, format!("Bearer realm=\"{}\"", "a".repeat(LONGEST)).parse().unwrap());
        headers.append(WWW_AUTHENTICATE, "Bearer realm=\"r\",error=\"insufficient_scope\"".parse().unwrap());
        headers.append(WWW_AUTHENTICATE, "Basic".parse().unwrap());
        let challenges = Challenge::of(&headers);
        assert_eq!(challenges.len(), 2);
        let Challenge::Bearer(bearer) = &challenges[0] else { unreachable!() };
        assert_eq!(bearer.error.as_deref(), Some("insufficient_scope"));
    }
}
