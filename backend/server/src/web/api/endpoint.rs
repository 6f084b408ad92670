//! An endpoint, with who may ask it.

use super::{ApiError, cookie};
use crate::roles::Role;
use crate::workshop::Workshop;
use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use std::sync::Arc;

pub(in crate::web) struct Endpoint {
    pub(in crate::web) role: Role,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests ask each as each role"))]
    pub(in crate::web) method: Method,
    pub(in crate::web) path: &'static str,
    handler: MethodRouter<Arc<Workshop>>,
}

impl Endpoint {
    pub(super) fn get<H: Handler<T, Arc<Workshop>>, T: 'static>(role: Role, path: &'static str, handler: H) -> Self {
        Self { role, method: Method::GET, path, handler: on(MethodFilter::GET, handler) }
    }

    pub(super) fn post<H: Handler<T, Arc<Workshop>>, T: 'static>(role: Role, path: &'static str, handler: H) -> Self {
        Self { role, method: Method::POST, path, handler: on(MethodFilter::POST, handler) }
    }

    pub(super) fn delete<H: Handler<T, Arc<Workshop>>, T: 'static>(role: Role, path: &'static str, handler: H) -> Self {
        Self { role, method: Method::DELETE, path, handler: on(MethodFilter::DELETE, handler) }
    }

    /// Adds it to a router, for nobody but its role.
    pub(in crate::web) fn add_to(
        self,
        router: Router<Arc<Workshop>>,
        workshop: &Arc<Workshop>,
    ) -> Router<Arc<Workshop>> {
        router.route(self.path, self.handler.route_layer(from_fn_with_state((self.role, workshop.clone()), admit)))
    }
}

/// Lets a request pass if whoever sends it has the role. A participant's session goes along with it.
async fn admit(
    State((role, workshop)): State<(Role, Arc<Workshop>)>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match role {
        Role::Anybody => {}
        Role::Participant => {
            let session = cookie::session(&workshop, request.headers()).await?;
            request.extensions_mut().insert(session);
        }
        Role::Instructor => cookie::check_instructor(&workshop.instructor, request.headers())?,
    }
    Ok(next.run(request).await)
}
