//! Every path of the API, and who answers it.

use crate::not_yet::{no_swarm, not_in_swarm, not_yet};
use crate::path::page_not_found;
use crate::version::negotiate;
use crate::{container, exec, image, network, system, volume};
use axum::Router;
use axum::routing::{MethodFilter, delete, get, post};
use engine::VirtualHost;
use std::sync::Arc;
use tower::Layer;

const DELETE: MethodFilter = MethodFilter::DELETE;
const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;

/// The Docker Engine API of one virtual host. Streams can only be hijacked on unix sockets, as [`crate::serve`] has them.
pub fn router(host: Arc<VirtualHost>) -> Router {
    versioned(routes().with_state(host))
}

/// Puts the version's handling around a router, not into it: the path that it matches is the one without a version.
pub(crate) fn versioned(routes: Router) -> Router {
    let routes = routes.fallback(async || page_not_found()).method_not_allowed_fallback(async || page_not_found());
    Router::new().fallback_service(axum::middleware::from_fn(negotiate).layer(routes))
}

#[rustfmt::skip]
fn routes() -> Router<Arc<VirtualHost>> {
    Router::new()
        // System
        .route("/_ping", get(system::ping))
        .route("/version", get(system::version))
        .route("/info", get(system::info))
        .route("/events", get(system::events))
        .route("/auth", post(system::auth))
        .route("/system/df", get(system::df))
        .route("/session", not_yet(POST, "BuildKit"))
        .route("/grpc", not_yet(POST, "BuildKit"))

        // Containers
        .route("/containers/json", get(container::list))
        .route("/containers/create", post(container::create))
        .route("/containers/prune", post(container::prune))
        .route("/containers/{id}", delete(container::remove))
        .route("/containers/{id}/json", get(container::inspect))
        .route("/containers/{id}/start", post(container::start))
        .route("/containers/{id}/attach", post(container::attach))
        .route("/containers/{id}/attach/ws", get(container::attach_ws))
        .route("/containers/{id}/wait", post(container::wait))
        .route("/containers/{id}/resize", post(container::resize))
        .route("/containers/{id}/stop", post(container::stop))
        .route("/containers/{id}/restart", post(container::restart))
        .route("/containers/{id}/kill", post(container::kill))
        .route("/containers/{id}/logs", get(container::logs))
        .route("/containers/{id}/exec", post(exec::create))
        .route("/containers/{id}/top", get(container::top))
        .route("/containers/{id}/changes", get(container::changes))
        .route("/containers/{id}/export", get(container::export))
        .route("/containers/{id}/stats", get(container::stats))
        .route("/containers/{id}/update", post(container::update))
        .route("/containers/{id}/rename", post(container::rename))
        .route("/containers/{id}/pause", post(container::pause))
        .route("/containers/{id}/unpause", post(container::unpause))
        .route("/containers/{id}/archive", get(container::read_archive).head(container::stat_archive).put(container::write_archive))
        .route("/containers/{id}/checkpoints", not_yet(GET.or(POST), "`docker checkpoint`"))
        .route("/containers/{id}/checkpoints/{name}", not_yet(DELETE, "`docker checkpoint`"))

        // Exec
        .route("/exec/{id}/json", get(exec::inspect))
        .route("/exec/{id}/start", post(exec::start))
        .route("/exec/{id}/resize", post(exec::resize))

        // Images
        .route("/images/json", get(image::list))
        .route("/images/create", post(image::pull))
        .route("/images/{name}/json", get(image::inspect))
        .route("/images/{name}/history", get(image::history))
        .route("/images/{name}/push", post(image::push))
        .route("/images/{name}/tag", post(image::tag))
        .route("/images/{name}/get", get(image::save_one))
        .route("/images/{name}", delete(image::remove))
        .route("/images/get", get(image::save))
        .route("/images/load", post(image::load))
        .route("/images/search", get(image::search))
        .route("/images/prune", post(image::prune))
        .route("/distribution/{name}/json", not_yet(GET, "asking registries for images"))
        .route("/commit", post(image::commit))
        .route("/build", not_yet(POST, "`docker build`"))
        .route("/build/cancel", not_yet(POST, "`docker build`"))
        .route("/build/prune", post(system::prune::build_cache))

        // Networks
        .route("/networks", get(network::list))
        .route("/networks/", get(network::list))
        .route("/networks/{id}", get(network::inspect).merge(not_yet(DELETE, "`docker network rm`")))
        .route("/networks/create", not_yet(POST, "`docker network create`"))
        .route("/networks/{id}/connect", not_yet(POST, "`docker network connect`"))
        .route("/networks/{id}/disconnect", not_yet(POST, "`docker network disconnect`"))
        .route("/networks/prune", post(system::prune::networks))

        // Volumes
        .route("/volumes", get(volume::list))
        .route("/volumes/{name}", get(volume::inspect).delete(volume::remove).put(volume::update))
        .route("/volumes/create", post(volume::create))
        .route("/volumes/prune", post(volume::prune))

        // Plugins
        .route("/plugins", get(system::plugins))
        .route("/plugins/privileges", not_yet(GET, "`docker plugin`"))
        .route("/plugins/pull", not_yet(POST, "`docker plugin install`"))
        .route("/plugins/create", not_yet(POST, "`docker plugin create`"))
        .route("/plugins/{name}", delete(system::no_such_plugin))
        .route("/plugins/{name}/json", get(system::no_such_plugin))
        .route("/plugins/{name}/enable", post(system::no_such_plugin))
        .route("/plugins/{name}/disable", post(system::no_such_plugin))
        .route("/plugins/{name}/upgrade", post(system::no_such_plugin))
        .route("/plugins/{name}/push", post(system::no_such_plugin))
        .route("/plugins/{name}/set", post(system::no_such_plugin))

        // Swarm: this host is in none, which is all that there is to say to everything but joining one
        .route("/swarm/init", not_yet(POST, "`docker swarm init`"))
        .route("/swarm/join", not_yet(POST, "`docker swarm join`"))
        .route("/swarm", no_swarm(GET))
        .route("/swarm/leave", not_in_swarm(POST))
        .route("/swarm/update", no_swarm(POST))
        .route("/swarm/unlockkey", no_swarm(GET))
        .route("/swarm/unlock", no_swarm(POST))
        .route("/nodes", no_swarm(GET))
        .route("/nodes/{id}", no_swarm(GET.or(DELETE)))
        .route("/nodes/{id}/update", no_swarm(POST))
        .route("/services", no_swarm(GET))
        .route("/services/create", no_swarm(POST))
        .route("/services/{id}", no_swarm(GET.or(DELETE)))
        .route("/services/{id}/update", no_swarm(POST))
        .route("/services/{id}/logs", no_swarm(GET))
        .route("/tasks", no_swarm(GET))
        .route("/tasks/{id}", no_swarm(GET))
        .route("/tasks/{id}/logs", no_swarm(GET))
        .route("/secrets", no_swarm(GET))
        .route("/secrets/create", no_swarm(POST))
        .route("/secrets/{id}", no_swarm(GET.or(DELETE)))
        .route("/secrets/{id}/update", no_swarm(POST))
        .route("/configs", no_swarm(GET))
        .route("/configs/create", no_swarm(POST))
        .route("/configs/{id}", no_swarm(GET.or(DELETE)))
        .route("/configs/{id}/update", no_swarm(POST))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    /// Every operation of Docker's definition, as `path METHOD`.
    const OPERATIONS: &str = include_str!("../tests/data/operations.txt");

    #[test]
    fn every_operation_of_the_definition_has_a_route() {
        let routes = include_str!("router.rs");
        for operation in OPERATIONS.lines() {
            let (path, method) = operation.split_once(' ').unwrap();
            let route = routes.lines().find(|line| line.contains(&format!(".route(\"{path}\",")));
            // `get` answers `HEAD`, too.
            let method = if path == "/_ping" { "GET" } else { method };
            let answers = |line: &str| line.contains(method) || line.contains(&format!("{}(", method.to_lowercase()));
            assert!(route.is_some_and(answers), "{operation}");
        }
    }
}
