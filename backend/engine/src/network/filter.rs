//! The filters of `docker network ls`.

use super::Network;

/// Which networks. Of each list one must be true of a network; an empty list is true of all.
#[derive(Debug, Clone, Default)]
pub struct NetworkFilter {
    /// Parts of names.
    pub names: Vec<String>,
    /// Beginnings of ids.
    pub ids: Vec<String>,
    pub drivers: Vec<String>,
    pub scopes: Vec<String>,
    /// `builtin` or `custom`.
    pub types: Vec<String>,
    /// `name` or `name=value`
    pub labels: Vec<String>,
}

impl NetworkFilter {
    pub(super) fn matches(&self, network: &Network) -> bool {
        let any =
            |wanted: &[String], is_true: &dyn Fn(&String) -> bool| wanted.is_empty() || wanted.iter().any(is_true);
        any(&self.names, &|part| network.name.contains(part))
            && any(&self.ids, &|beginning| network.id.starts_with(beginning))
            && any(&self.drivers, &|driver| network.driver == *driver)
            && any(&self.scopes, &|scope| scope == "local")
            // All networks here are Docker's own, and have no labels.
            && any(&self.types, &|kind| kind == "builtin")
            && self.labels.is_empty()
    }
}
