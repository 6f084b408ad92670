//! Each endpoint, asked by each role.

use super::fixture::{fixture, request};
use super::http::check;
use crate::roles::Role;
use crate::web::api::endpoints;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use protocol::session::ProblemCode;

#[tokio::test]
async fn who_may_not_ask_is_refused_and_nobody_else() {
    for endpoint in endpoints() {
        for role in [Role::Anybody, Role::Participant, Role::Instructor] {
            let fixture = fixture();
            let cookie = match role {
                Role::Anybody => String::new(),
                Role::Participant => fixture.cookie("Anna").await,
                Role::Instructor => format!("lernhafen-instructor={}", fixture.key),
            };
            let path = format!("/api{}", endpoint.path);
            let mut request = request(endpoint.method.clone(), &path, Body::empty());
            request.headers_mut().insert("cookie", HeaderValue::try_from(cookie).unwrap());
            let answer = fixture.ask(request).await;
            let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status());
            assert_eq!(refused, !role.may(endpoint.role), "{} {path} by {role:?}: {answer:?}", endpoint.method);
            match endpoint.role {
                Role::Participant if refused => check(answer, StatusCode::UNAUTHORIZED, ProblemCode::NoSession).await,
                Role::Instructor if refused => check(answer, StatusCode::FORBIDDEN, ProblemCode::NotInstructor).await,
                _ => {}
            }
        }
    }
}
