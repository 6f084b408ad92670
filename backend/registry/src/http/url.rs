//! Addresses of the web, as far as registries use them.

use hyper::http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Whom one speaks to: what credentials are for, and connections are kept for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) scheme: Scheme,
    /// In lower case; IPv6 without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// No name of a host is longer.
const LONGEST_HOST: usize = 253;

impl Origin {
    /// `example.org`, `127.0.0.1:5000`, `[::1]:5000`. `None`: it is nothing of that kind.
    pub(crate) fn parse(scheme: Scheme, authority: &str) -> Option<Self> {
        let (host, rest) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']')?;
                (host.parse::<Ipv6Addr>().ok()?.to_string(), rest)
            }
            None => {
                let (host, rest) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
                (host.to_ascii_lowercase(), rest)
            }
        };
        let is_host_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
        if host.is_empty() || host.len() > LONGEST_HOST || !host.bytes().all(is_host_byte) {
            return None;
        }
        let port = match rest.strip_prefix(':') {
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => port.parse().ok().filter(|port| *port != 0)?,
            None if rest.is_empty() => scheme.default_port(),
            _ => return None,
        };
        Some(Self { scheme, host, port })
    }

    /// For the header `Host`, and for people: without the port that everybody expects.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.default_port() { host } else { format!("{host}:{}", self.port) }
    }

    /// Whether its name says that it is the machine (or the virtual host) that asks.
    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.scheme == Scheme::Https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) origin: Origin,
    /// With the query, beginning with `/`.
    target: PathAndQuery,
}

impl Url {
    /// With `http:` or `https:`, and without a name or password in it. `None`: it is nothing of that kind.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let (authority, target) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        Self::new(Origin::parse(scheme, authority)?, target)
    }

    /// `target`: path and query.
    pub(crate) fn new(origin: Origin, target: &str) -> Option<Self> {
        let target = target.split('#').next().unwrap_or_default();
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Some(Self { origin, target: target.parse().ok()? })
    }

    /// Where a `Location` leads from here: another address, or one that begins with `/`, or goes on from this one.
    pub(crate) fn join(&self, location: &str) -> Option<Self> {
        let location = location.trim();
        let has_scheme = |text: &str| {
            let end = text.find([':', '/', '?', '#']);
            end.is_some_and(|end| end > 0 && text[end..].starts_with(':'))
        };
        if has_scheme(location) {
            return Self::parse(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            let scheme = if self.origin.scheme == Scheme::Https { "https" } else { "http" };
            return Self::parse(&format!("{scheme}://{rest}"));
        }
        if location.starts_with('/') {
            return Self::new(self.origin.clone(), location);
        }
        let path = self.target.path();
        if location.is_empty() || location.starts_with(['?', '#']) {
            return Self::new(self.origin.clone(), &format!("{path}{location}"));
        }
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let (relative, query) = location.split_at(location.find(['?', '#']).unwrap_or(location.len()));
        Self::new(self.origin.clone(), &format!("{}{query}", without_dots(&format!("{directory}/{relative}"))))
    }

    /// With one more field in the query. The value is made fit for it.
    pub(crate) fn with_field(&self, name: &str, value: &str) -> Option<Self> {
        let separator = if self.target.query().is_some() { '&' } else { '?' };
        Self::new(self.origin.clone(), &format!("{}{separator}{name}={}", self.target, escape(value)))
    }

    pub(crate) fn target(&self) -> &str {
        self.target.as_str()
    }
}

/// Without the query: it may hold what gives access.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.target.path())
    }
}

/// All but what RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Makes text fit for a query, and for the body of a form.
pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// A path without its `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.trim_start_matches('/').split('/') {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    #[test]
    fn origins_are_read_and_shown() {
        for (given, host, port, shown) in [
            ("Example.org", "example.org", 443, "https://example.org"),
            ("example.org:443", "example.org", 443, "https://example.org"),
            ("localhost:5000", "localhost", 5000, "https://localhost:5000"),
            ("[::1]", "::1", 443, "https://[::1]"),
            ("[0:0::1]:5000", "::1", 5000, "https://[::1]:5000"),
        ] {
            let origin = Origin::parse(Scheme::Https, given).unwrap();
            assert_eq!(
                (origin.host.as_str(), origin.port, origin.to_string().as_str()),
                (host, port, shown),
                "{given}"
            );
        }
        for given in
            ["", ":5000", "a:", "a:0", "a:65536", "a:+1", "a:1:2", "::1", "[::1", "[a]", "u@a", "a b", "a/b", "ä"]
        {
            assert!(Origin::parse(Scheme::Https, given).is_none(), "{given}");
        }
    }

    #[test]
    fn loopback_is_told_by_the_name() {
        for (given, is_loopback) in [
            ("localhost:5000", true),
            ("127.9.9.9", true),
            ("[::1]:80", true),
            ("localhost.example.org", false),
            ("128.0.0.1", false),
        ] {
            assert_eq!(Origin::parse(Scheme::Http, given).unwrap().is_loopback(), is_loopback, "{given}");
        }
    }

    #[test]
    fn locations_lead_on_from_where_they_were_given() {
        let base = Url::parse("https://a.example/v2/x/blobs/uploads/?a=1").unwrap();
        for (location, leads_to) in [
            ("https://b.example:8443/y?z=1", "https://b.example:8443 /y?z=1"),
            ("HTTP://b.example", "http://b.example /"),
            ("//b.example/y#part", "https://b.example /y"),
            ("/y?z=/../1", "https://a.example /y?z=/../1"),
            ("y", "https://a.example /v2/x/blobs/uploads/y"),
            ("../../y?z=../1", "https://a.example /v2/x/y?z=../1"),
            ("../../../../../../y", "https://a.example /y"),
            ("?_state=b", "https://a.example /v2/x/blobs/uploads/?_state=b"),
        ] {
            let url = base.join(location).unwrap();
            assert_eq!(format!("{} {}", url.origin, url.target()), leads_to, "{location}");
        }
        for location in
            ["ftp://a/", "javascript:alert(1)", "http:///x", "https://user:password@a/", "/a b", "/\r\nX: y"]
        {
            assert!(base.join(location).is_none(), "{location}");
        }
    }

    #[test]
    fn a_field_goes_with_those_that_are_there() {
        let url = Url::parse("http://a/b?_state=c").unwrap().with_field("digest", "sha256:ä&").unwrap();
        assert_eq!(url.target(), "/b?_state=c&digest=sha256%3A%C3%A4%26");
        assert_eq!(Url::parse("http://a/b").unwrap().with_field("n", "1").unwrap().target(), "/b?n=1");
        assert_eq!(url.to_string(), "http://a/b");
    }
}
