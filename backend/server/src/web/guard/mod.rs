//! Who may ask: the page that we served, under a name that is ours.
//!
//! A name that an attacker owns can be made to resolve to this machine (DNS rebinding); the `Host` header gives it away.
//! A page of another site can send requests with the session's cookie; the `Origin` header gives it away.

mod unknown_name;

use super::problem::ApiError;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method};
use axum::middleware::Next;
use axum::response::Response;
use protocol::session::ProblemCode;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What the page may be called.
#[derive(Debug)]
pub struct Guard {
    listen: IpAddr,
    /// Lower case, without a slash at the end: `https://hafen.example`.
    origins: Vec<String>,
}

impl Guard {
    /// Admits the loopback's names, the address that is listened on, and `public_origins`.
    pub fn new(listen: SocketAddr, public_origins: &[String]) -> Self {
        Self { listen: listen.ip(), origins: public_origins.iter().map(|origin| origin.to_lowercase()).collect() }
    }

    /// Whether `host`, as in the `Host` header, is a name of ours.
    fn knows_host(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        if authority.as_str().contains('@') {
            return false;
        }
        let name = authority.host().to_ascii_lowercase();
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match address {
            // An address can't be rebound: only names can.
            Ok(address) => address.is_loopback() || address == self.listen || self.listen.is_unspecified(),
            Err(_) => name == "localhost" || self.is_public(host),
        }
    }

    fn is_public(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.origins.iter().filter_map(|origin| origin.split_once("://")).any(|(_, public)| public == host)
    }

    /// Whether a page at `origin` is ours, seen by a request to `host`.
    fn knows_origin(&self, origin: &str, host: &str) -> bool {
        let own = origin.split_once("://").is_some_and(|(scheme, authority)| {
            matches!(scheme, "http" | "https") && authority.eq_ignore_ascii_case(host)
        });
        own || self.origins.iter().any(|public| public.eq_ignore_ascii_case(origin))
    }
}

/// Lets a request pass, or answers why not.
pub(super) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Result<Response, ApiError> {
    let headers = request.headers();
    let host = text(headers, HOST).unwrap_or_default();
    if !guard.knows_host(host) {
        if *request.method() == Method::GET && text(headers, ACCEPT).is_some_and(|types| types.contains("text/html")) {
            return Ok(unknown_name::page(host, headers, &guard.origins));
        }
        let message = "this server isn't known by that name: open it by its address, or add the name to public_origins";
        return Err(ApiError::new(ProblemCode::ForeignOrigin, message));
    }
    // A WebSocket's request is a GET, and no browser's rule keeps other sites from it.
    let reads = matches!(*request.method(), Method::GET | Method::HEAD) && request.uri().path() != "/api/socket";
    if !reads && !text(headers, ORIGIN).is_some_and(|origin| guard.knows_origin(origin, host)) {
        return Err(ApiError::new(
            ProblemCode::ForeignOrigin,
            "this request does not come from the workshop's own page",
        ));
    }
    Ok(next.run(request).await)
}

/// The one value of a header; `None` if there are several.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn guard(listen: &str, public: &[&str]) -> Guard {
        let public: Vec<String> = public.iter().map(|&origin| origin.to_owned()).collect();
        Guard::new(listen.parse().unwrap(), &public)
    }

    #[test]
    fn loopback_and_configured_names_are_ours() {
        let guard = guard("127.0.0.1:8080", &["https://Hafen.example:8443"]);
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "hafen.example:8443"] {
            assert!(guard.knows_host(host), "{host}");
        }
        for host in
            ["", "evil.example", "hafen.example", "localhost.evil.example", "8080-x.localhost", "192.0.2.1:8080"]
        {
            assert!(!guard.knows_host(host), "{host}");
        }
        for host in ["evil@localhost", "localhost/x", "local host", "[::1", "localhost:80:80"] {
            assert!(!guard.knows_host(host), "{host}");
        }
    }

    #[test]
    fn listening_on_all_addresses_admits_each() {
        let guard = guard("0.0.0.0:8080", &[]);
        assert!(guard.knows_host("192.0.2.1:8080"));
        assert!(!guard.knows_host("evil.example:8080"));
    }

    #[test]
    fn only_our_own_pages_are_ours() {
        let guard = guard("127.0.0.1:8080", &["https://hafen.example"]);
        assert!(guard.knows_origin("http://localhost:8080", "localhost:8080"));
        assert!(guard.knows_origin("https://hafen.example", "127.0.0.1:8080"));
        for origin in
            ["null", "", "http://localhost:8081", "http://localhost", "file://localhost:8080", "http://evil.example"]
        {
            assert!(!guard.knows_origin(origin, "localhost:8080"), "{origin}");
        }
    }
}
