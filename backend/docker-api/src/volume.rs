//! Volumes: there are none yet, and clients ask.

use crate::error::Error;
use crate::json::{EmptyList, Null};
use crate::query::Name;
use axum::Json;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VolumeList {
    volumes: EmptyList,
    warnings: Null,
}

/// `GET /volumes`
pub(crate) async fn list() -> Json<VolumeList> {
    Json(VolumeList { volumes: [], warnings: () })
}

/// `GET /volumes/{name}`, `DELETE /volumes/{name}`
pub(crate) async fn not_found(Name(name): Name) -> Error {
    Error::not_found(format!("get {name}: no such volume"))
}
