//! The instructor's page.

use super::fixture::{Fixture, fixture, request};
use super::http::{check, json};
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use protocol::instructor::{ImageState, Place, Preflight};
use protocol::session::ProblemCode;
use std::time::Duration;

const PREFLIGHT: &str = "/api/instructor/preflight";

async fn identify(fixture: &Fixture, key: &str) -> Response<Body> {
    let body = serde_json::json!({ "key": key }).to_string();
    fixture.ask(request(Method::POST, "/api/instructor", body)).await
}

fn with_cookie(method: Method, cookie: &str) -> Request<Body> {
    let mut request = request(method, PREFLIGHT, Body::empty());
    request.headers_mut().insert("cookie", HeaderValue::try_from(cookie).unwrap());
    request
}

#[tokio::test]
async fn only_who_has_the_key_sees_it_or_begins_it() {
    let fixture = fixture();
    let learner = fixture.cookie("Anna").await;
    let forged = format!("lernhafen-instructor={}", "A".repeat(43));
    let swapped = format!("lernhafen={}", fixture.key);
    for cookie in ["", learner.as_str(), forged.as_str(), swapped.as_str()] {
        for method in [Method::GET, Method::POST] {
            let response = fixture.ask(with_cookie(method, cookie)).await;
            check(response, StatusCode::FORBIDDEN, ProblemCode::NotInstructor).await;
        }
    }
    for key in ["", "x", "A".repeat(43).as_str()] {
        check(identify(&fixture, key).await, StatusCode::FORBIDDEN, ProblemCode::NotInstructor).await;
    }
    for (body, status, code) in [
        ("x".to_owned(), StatusCode::BAD_REQUEST, ProblemCode::BadMessage),
        ("x".repeat(10_000), StatusCode::PAYLOAD_TOO_LARGE, ProblemCode::TooLarge),
    ] {
        check(fixture.ask(request(Method::POST, "/api/instructor", body)).await, status, code).await;
    }
}

#[tokio::test]
async fn the_preflight_is_shown_and_tells_what_failed() {
    let fixture = fixture();
    let response = identify(&fixture, &format!(" {}\n", fixture.key)).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    let now: Preflight = json(fixture.ask(with_cookie(Method::GET, cookie)).await).await;
    assert!(!now.running && now.unread.is_empty());
    let place = Place::Lab("01-start".to_owned());
    assert_eq!(now.images.len(), 1);
    assert_eq!((now.images[0].name.as_str(), &now.images[0].places[..]), ("localhost:1/nobody:latest", &[place][..]));
    assert_eq!(now.images[0].state, ImageState::Waiting);
    assert_eq!(now.online[0].line, "apt-get update");

    let begun = fixture.ask(with_cookie(Method::POST, cookie)).await;
    assert_eq!(begun.status(), StatusCode::ACCEPTED);
    let mut now: Preflight = json(begun).await;
    for _ in 0..600 {
        if !now.running {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        now = json(fixture.ask(with_cookie(Method::GET, cookie)).await).await;
    }
    let ImageState::Missing { reason } = &now.images[0].state else { panic!("{now:?}") };
    assert!(reason.contains("localhost:1"), "{reason}");
    assert!(!now.running);
}
