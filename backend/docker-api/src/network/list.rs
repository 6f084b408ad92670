//! `GET /networks`: `docker network ls`

use super::inspect::NetworkResponse;
use crate::error::{Error, Reply};
use crate::query::{Params, unknown_filter};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::network::Network;
use std::sync::Arc;

pub(crate) async fn list(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<Vec<NetworkResponse>>> {
    let filters = params.filters()?;
    let mut shown = Vec::new();
    for network in &host.networks()? {
        if matches(network, &filters)? {
            shown.push(NetworkResponse::new(network));
        }
    }
    Ok(Json(shown))
}

fn matches(network: &Network, filters: &[(String, Vec<String>)]) -> Reply<bool> {
    for (name, values) in filters {
        let matches: fn(&Network, &str) -> bool = match name.as_str() {
            "name" => |network, value| network.name.contains(value),
            "id" => |network, value| network.id.starts_with(value),
            "driver" => |network, value| network.driver == value,
            "scope" => |_, value| value == "local",
            // All networks here are Docker's own, and have no labels.
            "type" => |_, value| value == "builtin",
            "label" => |_, _| false,
            "dangling" => return Err(Error::not_yet("`docker network ls --filter dangling`")),
            _ => return Err(unknown_filter(name)),
        };
        if !values.is_empty() && !values.iter().any(|value| matches(network, value)) {
            return Ok(false);
        }
    }
    Ok(true)
}
