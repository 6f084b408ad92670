//! `GET /networks`: `docker network ls`

use super::inspect::NetworkResponse;
use crate::error::{Error, Reply};
use crate::query::{Params, unknown_filter};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::network::NetworkFilter;
use std::sync::Arc;

pub(crate) async fn list(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<Vec<NetworkResponse>>> {
    let networks = host.networks(&parse(params.filters()?)?);
    Ok(Json(networks.iter().map(NetworkResponse::new).collect()))
}

fn parse(filters: Vec<(String, Vec<String>)>) -> Reply<NetworkFilter> {
    let mut filter = NetworkFilter::default();
    for (name, values) in filters {
        match name.as_str() {
            "name" => filter.names = values,
            "id" => filter.ids = values,
            "driver" => filter.drivers = values,
            "scope" => filter.scopes = values,
            "type" => filter.types = values,
            "label" => filter.labels = values,
            "dangling" => return Err(Error::not_yet("`docker network ls --filter dangling`")),
            _ => return Err(unknown_filter(&name)),
        }
    }
    Ok(filter)
}
