//! Plain requests.

use super::fixture::{fixture, request};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Method, Response, StatusCode};
use protocol::Deck;
use protocol::session::{Problem, ProblemCode, Session, Workshop};
use serde::de::DeserializeOwned;

pub(super) async fn json<T: DeserializeOwned>(response: Response<Body>) -> T {
    serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap()
}

#[track_caller]
fn check_problem(status: StatusCode, problem: &Problem, expected: StatusCode, code: ProblemCode) {
    assert_eq!((status, problem.code), (expected, code), "{}", problem.message);
}

/// The problem that a request is answered with.
pub(super) async fn check(response: Response<Body>, expected: StatusCode, code: ProblemCode) {
    let status = response.status();
    check_problem(status, &json::<Problem>(response).await, expected, code);
}

#[tokio::test]
async fn joining_sets_a_cookie_that_only_the_server_reads() {
    let fixture = fixture();
    let response = fixture.join(" Jürgen ").await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"));
    let session: Session = json(response).await;
    assert_eq!(
        (session.name.as_str(), session.workshop.as_str(), session.host.as_str()),
        ("Jürgen", "Hafen", "juergen")
    );
}

#[tokio::test]
async fn two_of_one_name_have_hosts_of_two_names() {
    let fixture = fixture();
    for expected in ["otto", "otto-2"] {
        assert_eq!(json::<Session>(fixture.join("Otto").await).await.host, expected);
    }
}

#[tokio::test]
async fn over_https_the_cookie_is_secure() {
    let fixture = fixture();
    let mut request = request(Method::POST, "/api/session", r#"{"name":"Anna"}"#);
    request.headers_mut().insert("origin", HeaderValue::from_static("https://localhost:8080"));
    let response = fixture.ask(request).await;
    assert!(response.headers()["set-cookie"].to_str().unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn the_cookie_is_the_session() {
    let fixture = fixture();
    let cookie = fixture.cookie("🐳 Anna").await;
    let mut own = request(Method::GET, "/api/session", Body::empty());
    own.headers_mut().insert("cookie", HeaderValue::try_from(format!("a=b; {cookie}")).unwrap());
    assert_eq!(json::<Session>(fixture.ask(own).await).await.name, "🐳 Anna");
    check(fixture.get("/api/session").await, StatusCode::UNAUTHORIZED, ProblemCode::NoSession).await;
    let forged = format!("lernhafen={}", "A".repeat(43));
    for cookie in ["lernhafen=", "lernhafen=x", "lernhafen", forged.as_str()] {
        let mut request = request(Method::GET, "/api/session", Body::empty());
        request.headers_mut().insert("cookie", HeaderValue::try_from(cookie).unwrap());
        check(fixture.ask(request).await, StatusCode::UNAUTHORIZED, ProblemCode::NoSession).await;
    }
}

#[tokio::test]
async fn bad_names_are_refused() {
    let fixture = fixture();
    for name in ["", "  ", "a\u{7}b", "\u{1b}[2J", &"x".repeat(41)] {
        check(fixture.join(name).await, StatusCode::BAD_REQUEST, ProblemCode::BadName).await;
    }
    let long = fixture.join(&"x".repeat(10_000)).await;
    check(long, StatusCode::PAYLOAD_TOO_LARGE, ProblemCode::TooLarge).await;
    for body in ["", "Anna", "{}", "[1]", r#"{"name":7}"#] {
        let response = fixture.ask(request(Method::POST, "/api/session", body)).await;
        check(response, StatusCode::BAD_REQUEST, ProblemCode::BadMessage).await;
    }
}

#[tokio::test]
async fn a_full_workshop_says_so_until_somebody_leaves() {
    let mut fixture = fixture();
    let cookie = fixture.cookie("Anna").await;
    fixture.join("Ben").await;
    fixture.join("Cem").await;
    check(fixture.join("Dora").await, StatusCode::SERVICE_UNAVAILABLE, ProblemCode::Full).await;
    let mut leave = request(Method::DELETE, "/api/session", Body::empty());
    leave.headers_mut().insert("cookie", HeaderValue::try_from(cookie).unwrap());
    assert_eq!(fixture.ask(leave).await.status(), StatusCode::NO_CONTENT);
    assert!(fixture.ended.recv().await.is_some());
    assert_eq!(fixture.join("Dora").await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn other_sites_cannot_act() {
    let fixture = fixture();
    for origin in [None, Some("http://evil.example"), Some("null"), Some("http://localhost:8081")] {
        for (method, path) in [
            (Method::POST, "/api/session"),
            (Method::DELETE, "/api/session"),
            (Method::POST, "/api/session/reset"),
            (Method::GET, "/api/socket"),
            (Method::POST, "/api/instructor/preflight"),
        ] {
            let mut request = request(method, path, r#"{"name":"Anna"}"#);
            request.headers_mut().remove("origin");
            if let Some(origin) = origin {
                request.headers_mut().insert("origin", HeaderValue::from_static(origin));
            }
            check(fixture.ask(request).await, StatusCode::FORBIDDEN, ProblemCode::ForeignOrigin).await;
        }
    }
}

#[tokio::test]
async fn names_that_are_not_ours_are_not_served() {
    let fixture = fixture();
    for host in ["evil.example", "evil.example:8080", ""] {
        let mut request = request(Method::GET, "/", Body::empty());
        request.headers_mut().insert("host", HeaderValue::from_static(host));
        check(fixture.ask(request).await, StatusCode::FORBIDDEN, ProblemCode::ForeignOrigin).await;
    }
}

#[tokio::test]
async fn a_browser_that_opens_another_name_is_told_in_its_language() {
    let fixture = fixture();
    for (language, words) in [("de", "Unter diesem Namen"), ("en-GB", "answer to this name")] {
        let mut request = request(Method::GET, "/", Body::empty());
        for (name, value) in
            [("host", "hafen.local:8080"), ("accept", "text/html,*/*;q=0.8"), ("accept-language", language)]
        {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let response = fixture.ask(request).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains(words), "{body:?}");
    }
}

#[tokio::test]
async fn anybody_may_know_what_the_workshop_is_called() {
    let fixture = fixture();
    let workshop: Workshop = json(fixture.get("/api/workshop").await).await;
    assert_eq!(workshop.title, "Hafen");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let fixture = fixture();
    for path in
        ["/", "/api/session", "/api/deck", "/api/nothing", "/deck/wal.png", "/fehlt.js", "/page-0123456789abcdef.js"]
    {
        let response = fixture.get(path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        assert_eq!(response.headers()["cross-origin-opener-policy"], "same-origin");
        assert!(response.headers().contains_key("permissions-policy"));
    }
}

#[tokio::test]
async fn the_deck_is_sent_once() {
    let fixture = fixture();
    let response = fixture.get("/api/deck").await;
    let tag = response.headers()["etag"].clone();
    assert_eq!(json::<Deck>(response).await.title, "Hafen");
    let mut again = request(Method::GET, "/api/deck", Body::empty());
    again.headers_mut().insert("if-none-match", tag);
    assert_eq!(fixture.ask(again).await.status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn answers_are_compressed() {
    let fixture = fixture();
    for coding in ["br", "gzip"] {
        let mut request = request(Method::GET, "/api/deck", Body::empty());
        request.headers_mut().insert("accept-encoding", HeaderValue::from_static(coding));
        assert_eq!(fixture.ask(request).await.headers()["content-encoding"], coding);
    }
}

#[tokio::test]
async fn the_page_is_there_at_every_address() {
    let fixture = fixture();
    for path in ["/", "/vortrag"] {
        let response = fixture.get(path).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["cache-control"], "no-cache");
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        assert!(body.ends_with(b"<p>Hafen</p>"));
    }
    let asset = fixture.get("/page-0123456789abcdef.js").await;
    assert_eq!(asset.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(fixture.get("/page-fedcba9876543210.js").await.status(), StatusCode::NOT_FOUND);
    check(fixture.get("/api/nothing").await, StatusCode::NOT_FOUND, ProblemCode::NotFound).await;
    check(fixture.get("/api").await, StatusCode::NOT_FOUND, ProblemCode::NotFound).await;
}

#[tokio::test]
async fn only_pictures_of_the_deck_are_shown() {
    let fixture = fixture();
    let picture = fixture.get("/deck/wal.png").await;
    assert_eq!(
        (picture.status(), &picture.headers()["content-type"]),
        (StatusCode::OK, &HeaderValue::from_static("image/png"))
    );
    for path in [
        "/deck/PITCHME.md",
        "/deck/fehlt.png",
        "/deck/passwd.png",
        "/deck/..%2f..%2fetc%2fpasswd",
        "/deck/%2fetc%2fx.png",
    ] {
        check(fixture.get(path).await, StatusCode::NOT_FOUND, ProblemCode::NotFound).await;
    }
}
