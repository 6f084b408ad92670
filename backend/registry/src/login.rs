//! `docker login`: whether a registry believes somebody.

use crate::client::Client;
use crate::credentials::Credentials;
use crate::dial::Dial;
use crate::error::{Error, Kind, Result};
use crate::repository::Operation;
use hyper::Method;
use hyper::header::HeaderMap;
use std::sync::Arc;

impl Client {
    /// Shows credentials to a registry.
    ///
    /// # Errors
    /// It doesn't believe them, or can't be asked.
    pub async fn log_in(&self, registry: &str, credentials: Credentials, dial: Arc<dyn Dial>) -> Result<()> {
        let repository = self.repository(registry, "", Some(credentials), dial)?;
        let answer =
            repository.ask(repository.home()?, Operation::Pull, &Method::GET, "/v2/", &HeaderMap::new(), None).await?;
        match answer.status.as_u16() {
            200..=299 => Ok(()),
            401 => Err(Error::new(
                Kind::Unauthorized,
                format!("login attempt to {}/v2/ failed with status: 401 Unauthorized", answer.origin()),
            )),
            _ => Err(repository.failure(registry, answer).await),
        }
    }
}
