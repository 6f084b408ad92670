//! `POST /images/create`: `docker pull`, `docker import`

use crate::error::{Error, Reply};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

/// The CLI pulls by itself when `docker run` names an image that is not there: so this is what a typing error shows.
pub(crate) async fn pull(State(host): State<Arc<VirtualHost>>) -> Reply<()> {
    let images = host.images()?;
    let mut tags: Vec<&str> = images.iter().flat_map(|summary| &summary.image.repo_tags).map(String::as_str).collect();
    tags.sort_unstable();
    Err(Error::new(StatusCode::NOT_IMPLEMENTED, message(&tags)))
}

fn message(tags: &[&str]) -> String {
    let images = if tags.is_empty() { "none".into() } else { tags.join(", ") };
    format!("pulling images is not there yet in Lernhafen. The images on this host: {images}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_what_there_is() {
        let expected = "pulling images is not there yet in Lernhafen. The images on this host: a:1, b:2";
        assert_eq!(message(&["a:1", "b:2"]), expected);
        assert!(message(&[]).ends_with("none"));
    }
}
