//! `GET /v2/<name>/tags/list` and `GET /v2/_catalog`.

use crate::error::Reply;
use crate::page;
use crate::query::Parameters;
use crate::registry::{Registry, blocking};
use serde_json::{Value, json};

pub(crate) async fn list(registry: Registry, repository: String, parameters: &Parameters) -> Reply {
    let wanted = page::wanted(parameters.count()?);
    let last = parameters.last.clone().unwrap_or_default();
    let name = repository.clone();
    let mut tags = blocking(move || registry.repositories.tags(&repository, wanted + 1, &last)).await?;
    let next = page::cut(&mut tags, wanted).map(|last| format!("/v2/{name}/tags/list?n={wanted}&last={last}"));
    Ok(page::respond("application/json", line(&json!({ "name": name, "tags": tags })), next))
}

pub(crate) async fn catalog(registry: Registry, parameters: &Parameters) -> Reply {
    let wanted = page::wanted(parameters.count()?);
    let last = parameters.last.clone().unwrap_or_default();
    let mut names = blocking(move || registry.repositories.repositories(wanted + 1, &last)).await?;
    // A slash may stand in a query as it is.
    let next = page::cut(&mut names, wanted).map(|last| format!("/v2/_catalog?n={wanted}&last={last}"));
    Ok(page::respond("application/json", line(&json!({ "repositories": names })), next))
}

/// With an end of line, as Docker's registry does it: so a prompt after `curl` begins on a new one.
fn line(value: &Value) -> String {
    format!("{value}\n")
}
